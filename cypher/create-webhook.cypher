// A new webhook, told of what comes after the end of the log.
OPTIONAL MATCH (log:Log {id: 'events'})
WITH coalesce(log.seq, 0) AS seq
MERGE (w:Thing {id: $id})
ON CREATE SET w:Webhook, w += $properties, w.seq = seq
RETURN w {.*} AS webhook
