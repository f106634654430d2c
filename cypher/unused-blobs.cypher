// Contents that no version with bytes refers to, and that nobody stored or logged since a time.
MATCH (b:Blob) WHERE b.usedAt < $before AND b.sweptAt IS NULL
  AND NOT EXISTS { MATCH (v:Version)-[:HAS_FILE]->(b) WHERE v.bytesDeletedAt IS NULL }
RETURN b.id AS id
LIMIT $limit
