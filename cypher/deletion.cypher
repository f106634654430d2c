// name: find-versions-of-artifact
// The versions of an artifact that are there.
UNWIND [$key] AS key
MATCH (v:Version {artifactKey: key}) WHERE v.number > 0 AND v.state = 'READY'
RETURN v {.*} AS version
ORDER BY v.number

// name: find-prunable
// Versions of a project, or of one artifact, that are there: newest first in each artifact, with what holds them.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.state = 'READY' AND ($artifact IS NULL OR v.artifact = $artifact)
CALL (v) {
  MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
  RETURN collect(DISTINCT s.name) AS aliases
}
CALL (v) {
  MATCH (h:Holder {version: v.id})
  RETURN collect(h.stage) AS stages
}
CALL (v) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
  RETURN collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
    collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
}
RETURN v {.*} AS version, aliases, stages[0] AS stage, descendants, buried
ORDER BY v.artifactKey, v.number DESC

// name: count-own-bytes
// Bytes that these versions have and no other does.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[:HAS_FILE]->(b:Blob) WHERE v.bytesDeletedAt IS NULL
WITH DISTINCT b.id AS blob, b.size AS size
CALL (blob) {
  MATCH (b:Blob {id: blob})<-[:HAS_FILE]-(other:Version) WHERE other.bytesDeletedAt IS NULL AND NOT other.id IN $ids
  RETURN count(other) AS others
}
WITH size, others WHERE others = 0
RETURN coalesce(sum(size), 0) AS bytes

// name: deletion-blockers
// What holds versions against deletion: their aliases and stage, versions that are there and were made from them, and
// those that are not there any more, behind which others may be.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
CALL (v) {
  MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
  RETURN collect(DISTINCT s.name) AS aliases
}
CALL (v) {
  MATCH (h:Holder {version: v.id})
  RETURN collect(h.stage) AS stages
}
CALL (v) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
  RETURN collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
    collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
}
RETURN v.id AS id, aliases, stages[0] AS stage, descendants, buried

// name: delete-versions
// Leaves tombstones of versions, or takes only their bytes; aliases go, and their going is kept. The artifacts are locked already.
UNWIND $versions AS row
MATCH (v:Entity:Version {id: row.id})
SET v += row.changes
WITH v, row
CALL (v, row) {
  UNWIND row.aliases AS alias
  MATCH (v)<-[held:POINTS_TO]-(s:Selector {name: alias.name, fixed: false})
  WITH v, row, alias, s, s.key AS key, held.at AS since
  DETACH DELETE s
  CREATE (:AliasChange {key: key, artifactKey: v.artifactKey, project: v.project, alias: alias.name, from: v.id, since: since,
    to: null, actor: $actor, at: row.at, rank: alias.rank})
}
WITH v, row
MATCH (a:Artifact {key: v.artifactKey})
SET a.updatedAt = row.at
RETURN v {.*} AS version
