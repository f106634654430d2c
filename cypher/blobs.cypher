// name: record-blobs
// The one blob of each project and content: the first writer's key stays, whoever comes later renews its grace. Content that was swept
// begins anew under the new key.
UNWIND $contents AS row
MERGE (b:Blob {id: row.id})
ON CREATE SET b.project = row.project, b.digest = row.digest, b.size = row.size, b.key = row.key
SET b.usedAt = $now
WITH b, row, b.key AS present, b.sweptAt AS sweptAt
SET b.key = CASE WHEN sweptAt IS NULL THEN present ELSE row.key END, b.sweptAt = null, b.removedAt = null
RETURN row.key AS key, b.key = row.key AS created

// name: create-upload
// An upload that begins.
MERGE (u:Entity {id: $id})
ON CREATE SET u:Upload, u += $properties
RETURN u {.*} AS upload

// name: find-contents
// Contents of projects by their ids.
UNWIND $ids AS id
MATCH (b:Blob {id: id}) WHERE b.sweptAt IS NULL
RETURN id, {path: b.digest, digest: b.digest, size: b.size, key: b.key} AS blob

// name: find-unused-blobs
// Contents that no version with bytes refers to, and that nobody stored or logged since a time.
MATCH (b:Blob) WHERE b.usedAt < $before AND b.sweptAt IS NULL
  AND NOT EXISTS { MATCH (v:Version)-[:HAS_FILE]->(b) WHERE v.bytesDeletedAt IS NULL }
RETURN b.id AS id
LIMIT $limit

// name: sweep-blobs
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

// name: find-swept-blobs
// Contents that are marked as swept and whose bytes may still be in the store.
MATCH (b:Blob) WHERE b.sweptAt IS NOT NULL AND b.removedAt IS NULL
RETURN b.id AS id, b.key AS key
LIMIT $limit

// name: mark-bytes-removed
// The bytes of these swept contents are gone from the store; one that was stored again meanwhile has another key.
UNWIND $swept AS row
MATCH (b:Blob {id: row.id}) WHERE b.key = row.key AND b.sweptAt IS NOT NULL
SET b.removedAt = $now

// name: identify-graph
// What tells this graph from others: made the first time that it is asked for.
MERGE (log:Log {id: 'graph'})
ON CREATE SET log.value = $id
RETURN log.value AS id

// name: referenced-keys
// Which of these keys of the store a blob, an upload or the location of a version names.
UNWIND $keys AS key
WITH key
WHERE EXISTS { MATCH (b:Blob {key: key}) }
  OR EXISTS { MATCH (u:Upload {key: key}) }
  OR EXISTS { MATCH (v:Version {location: $own + key}) }
RETURN key

// name: lock-usage
// The bytes that a project is known to have, under their lock; null when nobody has counted them.
MERGE (u:Usage {id: $project})
SET u.lockedBy = $by
RETURN u.bytes AS bytes

// name: count-project-bytes
// The bytes of a project's contents.
MATCH (b:Blob {project: $project}) WHERE b.sweptAt IS NULL
RETURN coalesce(sum(b.size), 0) AS bytes

// name: set-usage
// The bytes that a project has from now on; its usage is locked.
MATCH (u:Usage {id: $project})
SET u.bytes = $bytes

// name: release-bytes
// Takes swept bytes from what projects are known to have; those that nobody counted have none to take from.
UNWIND $released AS row
MATCH (u:Usage {id: row.project})
SET u.lockedBy = $by
WITH u, row, u.bytes AS bytes
SET u.bytes = bytes - row.bytes

// name: claim-upload
// Claims an upload for being read back: an open one, or one whose reader fell silent. No row for any other.
MATCH (u:Entity:Upload {id: $id})
SET u.lockedBy = $by
WITH u WHERE u.state = 'OPEN' OR (u.state = 'VERIFYING' AND u.beatAt < $silent)
SET u.state = 'VERIFYING', u.reader = $by, u.beatAt = $now
RETURN u {.*} AS upload

// name: touch-upload
// A sign of life of whoever reads an upload back; no row when it is no longer theirs.
MATCH (u:Entity:Upload {id: $id, reader: $by, state: 'VERIFYING'})
SET u.beatAt = $now
RETURN u.id AS id

// name: end-upload
// An upload comes to its end: read back by `by`, or, where that is null, not being read back. No row when it isn't so.
MATCH (u:Entity:Upload {id: $id})
SET u.lockedBy = $attempt
WITH u WHERE (u.state = 'VERIFYING' AND u.reader = $by) OR ($by IS NULL AND u.state IN ['OPEN', 'FAILED'])
SET u.state = $state, u.digest = coalesce($digest, u.digest), u.error = $error, u.expiresAt = $expiresAt
RETURN u {.*} AS upload

// name: expire-uploads
// Uploads whose time is over: open ones fail, ended ones are forgotten once their bytes are dropped.
MATCH (u:Upload) WHERE u.expiresAt < $now AND u.state <> 'VERIFYING'
SET u.lockedBy = $by
WITH u, u.state AS state, u.dropped AS dropped
FOREACH (_ IN CASE WHEN state = 'OPEN' THEN [1] ELSE [] END |
  SET u.state = 'FAILED', u.error = $error, u.expiresAt = $forgetAt)
WITH u, state, dropped WHERE state = 'COMPLETE' OR (state = 'FAILED' AND dropped)
DETACH DELETE u

// name: find-unfinished-uploads
// Uploads that wait for something: failed ones whose bytes are still there, and those whose reader fell silent.
MATCH (u:Upload) WHERE (u.state = 'FAILED' AND NOT u.dropped) OR (u.state = 'VERIFYING' AND u.beatAt < $silent)
RETURN u {.*} AS upload
LIMIT $limit

// name: mark-upload-dropped
// The bytes of a failed upload are gone.
MATCH (u:Entity:Upload {id: $id, state: 'FAILED'})
SET u.dropped = true
