// Contents: what the blob store holds, how much of it a project uses, and how it is deleted; then uploads in parts.

// name: find-contents
// Contents by id, with their digest as the path.
UNWIND $ids AS id
MATCH (b:Blob {id: id}) WHERE b.sweptAt IS NULL
RETURN id, {path: b.digest, digest: b.digest, size: b.size, key: b.key} AS file

// name: record-blobs
// Creates the one blob of each project and digest; an existing one keeps its key and gets a new grace period. A swept one starts over with the new key.
UNWIND $contents AS row
MERGE (b:Blob {id: row.id})
ON CREATE SET b.project = row.project, b.digest = row.digest, b.size = row.size, b.key = row.key
SET b.usedAt = $now
WITH b, row, b.key AS present, b.sweptAt AS sweptAt, b.damagedAt AS damagedAt
SET b.key = CASE WHEN sweptAt IS NULL THEN present ELSE row.key END, b.sweptAt = null, b.removedAt = null,
  b.damagedAt = CASE WHEN sweptAt IS NULL THEN damagedAt ELSE null END
RETURN row.key AS key, b.key = row.key AS created

// name: mark-blob-damaged
// Marks the content whose object has this key as missing or damaged.
MATCH (b:Blob {key: $key}) WHERE b.sweptAt IS NULL
SET b.damagedAt = $now

// name: find-stored-blobs
// Contents by id: the key of their object, and whether it is known to be missing or damaged.
UNWIND $ids AS id
MATCH (b:Blob {id: id}) WHERE b.sweptAt IS NULL
RETURN b.digest AS digest, b.key AS key, b.damagedAt IS NOT NULL AS isDamaged

// name: replace-blob-object
// Gives a content another object, which is intact; no row when another process was first. The key may stay.
MATCH (b:Blob {id: $id})
SET b.lockedBy = $by
WITH b WHERE b.key = $from AND b.sweptAt IS NULL
SET b.key = $to, b.damagedAt = null
RETURN b.id AS id

// name: lock-usage
// Locks the usage of a project and returns its bytes; null until a process has counted them.
MERGE (u:Usage {id: $project})
SET u.lockedBy = $by
RETURN u.bytes AS bytes

// name: count-project-bytes
// The bytes of all contents of a project.
MATCH (b:Blob {project: $project}) WHERE b.sweptAt IS NULL
RETURN coalesce(sum(b.size), 0) AS bytes

// name: set-usage
// Sets the bytes of a project; its usage is locked already.
MATCH (u:Usage {id: $project})
SET u.bytes = $bytes

// name: subtract-usage
// Subtracts bytes from the usage of projects; a usage that has not been counted stays null.
UNWIND $freed AS row
MATCH (u:Usage {id: row.project})
SET u.lockedBy = $by
WITH u, row, u.bytes AS bytes
SET u.bytes = bytes - row.bytes

// name: find-unused-blobs
// Contents that no version with bytes refers to and that nobody has stored or logged since a time.
MATCH (b:Blob) WHERE b.usedAt < $before AND b.sweptAt IS NULL
  AND NOT EXISTS { MATCH (v:Version)-[:HAS_FILE]->(b) WHERE v.bytesDeletedAt IS NULL }
RETURN b.id AS id
LIMIT $limit

// name: sweep-blobs
// Marks contents as swept. Each is checked again under its lock, because it may have been used since it was found.
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

// name: find-swept-blobs
// Swept contents whose bytes may still be in the blob store.
MATCH (b:Blob) WHERE b.sweptAt IS NOT NULL AND b.removedAt IS NULL
RETURN b.id AS id, b.key AS key
LIMIT $limit

// name: mark-bytes-removed
// Marks swept contents whose bytes have been removed from the blob store; one that was stored again meanwhile has another key.
UNWIND $swept AS row
MATCH (b:Blob {id: row.id}) WHERE b.key = row.key AND b.sweptAt IS NOT NULL
SET b.removedAt = $now

// name: identify-graph
// The id of this graph; the first call sets it.
MERGE (log:Log {id: 'graph'})
ON CREATE SET log.value = $id
RETURN log.value AS id

// name: referenced-keys
// Those of the keys that a blob, an upload or the location of a version references.
UNWIND $keys AS key
WITH key
WHERE EXISTS { MATCH (b:Blob {key: key}) }
  OR EXISTS { MATCH (u:Upload {key: key}) }
  OR EXISTS { MATCH (v:Version {location: $ownLocation + key}) }
RETURN key

// name: create-upload
// Creates an upload.
MERGE (u:Entity {id: $id})
ON CREATE SET u:Upload, u += $properties
RETURN u {.*} AS upload

// name: claim-upload
// Claims an upload for verification if it is open, or if its verifier has been silent since a time; otherwise there is no row.
MATCH (u:Entity:Upload {id: $id})
SET u.lockedBy = $by
WITH u WHERE u.state = 'OPEN' OR (u.state = 'VERIFYING' AND u.beatAt < $silentSince)
SET u.state = 'VERIFYING', u.reader = $by, u.beatAt = $now
RETURN u {.*} AS upload

// name: touch-upload
// Renews the claim of a verifier; no row when another one has claimed the upload.
MATCH (u:Entity:Upload {id: $id, reader: $by, state: 'VERIFYING'})
SET u.beatAt = $now
RETURN u.id AS id

// name: end-upload
// Ends an upload that the verifier `by` has claimed or, if `by` is null, that is not being verified; otherwise there is no row.
MATCH (u:Entity:Upload {id: $id})
SET u.lockedBy = $attempt
WITH u WHERE (u.state = 'VERIFYING' AND u.reader = $by) OR ($by IS NULL AND u.state IN ['OPEN', 'FAILED'])
SET u.state = $state, u.digest = coalesce($digest, u.digest), u.error = $error, u.expiresAt = $expiresAt
RETURN u {.*} AS upload

// name: mark-upload-dropped
// Marks a failed upload whose bytes have been removed.
MATCH (u:Entity:Upload {id: $id, state: 'FAILED'})
SET u.dropped = true

// name: find-unfinished-uploads
// Uploads that need work: failed ones whose bytes are still there, and those whose verifier has been silent since a time.
MATCH (u:Upload) WHERE (u.state = 'FAILED' AND NOT u.dropped) OR (u.state = 'VERIFYING' AND u.beatAt < $silentSince)
RETURN u {.*} AS upload
LIMIT $limit

// name: expire-uploads
// Fails open uploads that have expired, and deletes ended ones that have expired once their bytes are removed.
MATCH (u:Upload) WHERE u.expiresAt < $now AND u.state <> 'VERIFYING'
SET u.lockedBy = $by
WITH u, u.state AS state, u.dropped AS dropped
FOREACH (_ IN CASE WHEN state = 'OPEN' THEN [1] ELSE [] END |
  SET u.state = 'FAILED', u.error = $error, u.expiresAt = $forgetAt)
WITH u, state, dropped WHERE state = 'COMPLETE' OR (state = 'FAILED' AND dropped)
DETACH DELETE u
