// name: create-webhook
// A new webhook, told of what comes after the end of the log.
OPTIONAL MATCH (log:Log {id: 'events'})
WITH coalesce(log.seq, 0) AS seq
MERGE (w:Entity {id: $id})
ON CREATE SET w:Webhook, w += $properties, w.seq = seq
RETURN w {.*} AS webhook

// name: delete-webhook
// Deletes a webhook.
MATCH (w:Entity:Webhook {id: $id})
DETACH DELETE w

// name: delete-deliveries
// Deletes what a webhook was told.
MATCH (d:Delivery {webhook: $id})
DETACH DELETE d

// name: find-webhooks
// The webhooks of a project, oldest first.
MATCH (w:Webhook) WHERE w.project = $project
WITH w ORDER BY w.createdAt, w.id
RETURN w {.*} AS webhook

// name: find-delivery
// A delivery with its webhook.
MATCH (d:Delivery {id: $id})
MATCH (w:Entity:Webhook {id: d.webhook})
RETURN d {.*} AS delivery, w {.*} AS webhook

// name: update-webhook
// Changes a webhook; switched on again, it is due at once.
MATCH (w:Entity:Webhook {id: $id})
SET w += $changes
RETURN w {.*} AS webhook

// name: find-due-webhooks
// Webhooks that have something to be told, or to be told again, and that nobody is telling.
MATCH (w:Webhook) WHERE w.enabled AND w.seq < $head AND w.nextAt <= $now AND w.leaseUntil <= $now
RETURN w.id AS id
LIMIT $limit

// name: claim-webhook
// Claims a due webhook until `leaseUntil`; no row when another was faster.
MATCH (w:Entity:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.enabled AND w.nextAt <= $now AND w.leaseUntil <= $now
SET w.lease = $by, w.leaseUntil = $leaseUntil
RETURN w {.*} AS webhook

// name: advance-webhook
// How far a webhook was told, and when it is due again; no row when it is no longer claimed by `by`.
MATCH (w:Entity:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.lease = $by AND w.enabled
SET w += $progress
RETURN w.id AS id

// name: record-delivery
// What came of sending one event to a webhook.
MERGE (d:Delivery {id: $id})
SET d += $properties
RETURN d.id AS id

// name: expire-deliveries
// Forgets deliveries of long ago, a batch at a time.
MATCH (d:Delivery) WHERE d.at < $before
WITH d LIMIT $limit
DETACH DELETE d
RETURN count(*) AS forgotten
