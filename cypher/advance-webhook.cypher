// How far a webhook was told, and when it is due again; no row when it is no longer claimed by `by`.
MATCH (w:Thing:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.lease = $by AND w.enabled
SET w += $progress
RETURN w.id AS id
