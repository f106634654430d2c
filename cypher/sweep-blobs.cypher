// Marks contents as swept, each looked at again under its lock: it may have come into use since it was found.
UNWIND $ids AS id
MATCH (b:Blob {id: id})
SET b.lockedBy = $by
WITH b WHERE b.usedAt < $before AND b.sweptAt IS NULL
CALL (b) {
  MATCH (b)<-[:HAS_FILE]-(v:Version) WHERE v.bytesDeletedAt IS NULL
  RETURN count(v) AS users
}
WITH b, users WHERE users = 0
SET b.sweptAt = $now
RETURN b.project AS project, b.size AS size
