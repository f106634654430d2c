// The blobs of these contents, in use from now on, so that no sweep takes them before the transaction ends.
UNWIND $ids AS id
MATCH (b:Blob {id: id})
SET b.usedAt = $now
WITH b, id WHERE b.sweptAt IS NULL
RETURN id, b.size AS size
