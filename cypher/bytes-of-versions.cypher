// Bytes that these versions have and no other does.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[:HAS_FILE]->(b:Blob) WHERE v.bytesDeletedAt IS NULL
WITH DISTINCT b.id AS blob, b.size AS size
CALL (blob) {
  MATCH (b:Blob {id: blob})<-[:HAS_FILE]-(other:Version) WHERE other.bytesDeletedAt IS NULL AND NOT other.id IN $ids
  RETURN count(other) AS others
}
WITH size, others WHERE others = 0
RETURN coalesce(sum(size), 0) AS bytes
