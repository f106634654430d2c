// name: blockers-of-version
// What blocks the deletion of version v: its aliases, its stage, the versions that were made from it in $project, and the deleted ones among all
// these, because versions made from them may exist. Versions in other projects don't block it.
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
  RETURN collect(DISTINCT CASE WHEN d.state = 'READY' AND d.project = $project THEN d.id END) AS descendants,
    collect(DISTINCT CASE WHEN d.state = 'READY' AND d.project <> $project THEN d.id END) AS elsewhere,
    collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS deletedDescendants
}

// name: find-versions-of-artifact
// The versions of an artifact that have not been deleted, oldest first.
UNWIND [$key] AS key
MATCH (v:Version {artifactKey: key}) WHERE v.number > 0 AND v.state = 'READY'
RETURN v {.*} AS version
ORDER BY v.number

// name: find-prunable-versions
// The versions of a project, or of one artifact, that have not been deleted: the newest of each artifact first, with what blocks their deletion.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.state = 'READY' AND ($artifact IS NULL OR v.artifact = $artifact)
/*use blockers-of-version*/
RETURN v {.*} AS version, aliases, stages[0] AS stage, descendants, elsewhere, deletedDescendants
ORDER BY v.artifactKey, v.number DESC

// name: count-exclusive-bytes
// The bytes of files that these versions have and no other version does.
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
// What blocks the deletion of versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
/*use blockers-of-version*/
RETURN v.id AS id, aliases, stages[0] AS stage, descendants, elsewhere, deletedDescendants

// name: delete-versions
// Turns versions into tombstones, or marks only their bytes as deleted; deletes their aliases and records that. The artifacts are locked.
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
