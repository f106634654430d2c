// Changes a webhook; switched on again, it is due at once.
MATCH (w:Thing:Webhook {id: $id})
SET w += $changes
RETURN w {.*} AS webhook
