// A delivery with its webhook.
MATCH (d:Delivery {id: $id})
MATCH (w:Thing:Webhook {id: d.webhook})
RETURN d {.*} AS delivery, w {.*} AS webhook
