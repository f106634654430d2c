// Deletes a webhook.
MATCH (w:Thing:Webhook {id: $id})
DETACH DELETE w
