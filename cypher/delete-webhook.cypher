// Deletes a webhook.
MATCH (w:Thing {id: $id}) WHERE w:Webhook
DETACH DELETE w
