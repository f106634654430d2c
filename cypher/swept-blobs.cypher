// Contents that are marked as swept and whose bytes may still be in the store.
MATCH (b:Blob) WHERE b.sweptAt IS NOT NULL AND b.removedAt IS NULL
RETURN b.id AS id, b.key AS key
LIMIT $limit
