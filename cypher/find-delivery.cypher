// A delivery with its webhook.
MATCH (d:Delivery {id: $id})
MATCH (w:Thing {id: d.webhook}) WHERE w:Webhook
RETURN d {.*} AS delivery, w {.*} AS webhook
