// What came of sending one event to a webhook.
MERGE (d:Delivery {id: $id})
SET d += $properties
RETURN d.id AS id
