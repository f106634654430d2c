// Changes a webhook; switched on again, it is due at once.
MATCH (w:Thing {id: $id}) WHERE w:Webhook
SET w += $changes
RETURN w {.*} AS webhook
