// Webhooks: managing them, and delivering the events of the log to them. One process at a time delivers to a webhook, under a lease.

// name: create-webhook
// Creates a webhook, which gets the events after the present end of the log.
OPTIONAL MATCH (log:Log {id: 'events'})
WITH coalesce(log.seq, 0) AS seq
MERGE (w:Entity {id: $id})
ON CREATE SET w:Webhook, w += $properties, w.seq = seq
RETURN w {.*} AS webhook

// name: update-webhook
// Changes properties of a webhook.
MATCH (w:Entity:Webhook {id: $id})
SET w += $changes
RETURN w {.*} AS webhook

// name: delete-webhook
// Deletes a webhook.
MATCH (w:Entity:Webhook {id: $id})
DETACH DELETE w

// name: delete-deliveries
// Deletes the deliveries to a webhook.
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

// name: find-due-webhooks
// The enabled webhooks that are behind the end of the log, not waiting for a retry, and not claimed by any process.
MATCH (w:Webhook) WHERE w.enabled AND w.seq < $head AND w.nextAt <= $now AND w.leaseUntil <= $now
RETURN w.id AS id, w.project AS project, w.url AS url
LIMIT $limit

// name: claim-webhook
// Claims a due webhook until $leaseUntil; no row when another process was faster.
MATCH (w:Entity:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.enabled AND w.nextAt <= $now AND w.leaseUntil <= $now
SET w.lease = $by, w.leaseUntil = $leaseUntil
RETURN w {.*} AS webhook

// name: advance-webhook
// Stores how far deliveries to a webhook are, and renews or ends its lease; no row when the webhook is no longer claimed by $by.
MATCH (w:Entity:Webhook {id: $id})
SET w.lockedBy = $by
WITH w WHERE w.lease = $by AND w.enabled
SET w += $progress
RETURN w.id AS id

// name: record-delivery
// Stores the result of sending an event to a webhook.
MERGE (d:Delivery {id: $id})
SET d += $properties
RETURN d.id AS id

// name: expire-deliveries
// Deletes a batch of deliveries from before a time.
MATCH (d:Delivery) WHERE d.at < $before
WITH d LIMIT $limit
DETACH DELETE d
RETURN count(*) AS deleted
