// Bytes that these versions have and no other does.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[:HAS_FILE]->(b:Blob) WHERE v.bytesDeletedAt IS NULL
WITH DISTINCT b
WHERE NOT EXISTS { MATCH (other:Version)-[:HAS_FILE]->(b) WHERE other.bytesDeletedAt IS NULL AND NOT other.id IN $ids }
RETURN coalesce(sum(b.size), 0) AS bytes
