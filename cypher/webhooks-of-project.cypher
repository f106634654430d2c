// The webhooks of a project, oldest first.
MATCH (w:Webhook) WHERE w.project = $project
WITH w ORDER BY w.createdAt, w.id
RETURN w {.*} AS webhook
