// Deletes what a webhook was told.
MATCH (d:Delivery {webhook: $id})
DETACH DELETE d
