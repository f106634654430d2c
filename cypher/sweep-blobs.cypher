// Marks contents as swept, each looked at again under its lock: it may have come into use since it was found.
UNWIND $ids AS id
MATCH (b:Blob {id: id})
SET b.lockedBy = $by
WITH b WHERE b.usedAt < $before AND b.sweptAt IS NULL
  AND NOT EXISTS { MATCH (v:Version)-[:HAS_FILE]->(b) WHERE v.bytesDeletedAt IS NULL }
SET b.sweptAt = $now
RETURN b.project AS project, b.size AS size
