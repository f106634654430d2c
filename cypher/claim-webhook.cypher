// Claims a due webhook until `leaseUntil`; no row when another was faster.
MATCH (w:Thing:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.enabled AND w.nextAt <= $now AND w.leaseUntil <= $now
SET w.lease = $by, w.leaseUntil = $leaseUntil
RETURN w {.*} AS webhook
