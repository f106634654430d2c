// name: find-alias-holder
// The version that a version name or alias points to.
MATCH (s:Selector {key: $key})-[:POINTS_TO]->(v:Version)
RETURN s.fixed AS fixed, v.id AS id, v.number AS number

// name: remove-alias
// Deletes an alias and records that in its history. The artifact is locked.
MATCH (s:Selector {key: $key})-[held:POINTS_TO]->(holder:Version)
WITH s, holder.id AS previous, holder.project AS project, held.at AS since
DETACH DELETE s
CREATE (:AliasChange {key: $key, artifactKey: $artifactKey, project: project, alias: $alias, from: previous, since: since,
  to: null, actor: $actor, at: $at, rank: $rank})
RETURN previous

// name: update-version
// Changes properties, tags, labels and metadata leaves of a version, and deletes its approvals when asked to. Its artifact is locked.
MATCH (v:Entity:Version {id: $id})
SET v += $changes
WITH v
/*use change-tags n=v*/
CALL (v) {
  UNWIND $removeLabels AS key
  MATCH (v)-[:HAS_LABEL]->(l:Label {key: key})
  DETACH DELETE l
}
CALL (v) {
  UNWIND $setLabels AS label
  MERGE (v)-[:HAS_LABEL]->(l:Label {key: label.key})
  SET l.value = label.value, l.project = v.project
}
CALL (v) {
  UNWIND $dropLeaves AS any
  MATCH (v)-[:HAS_METADATA]->(m:Metadata)
  DETACH DELETE m
}
CALL (v) {
  UNWIND $dropApprovals AS any
  MATCH (approval:Approval {version: v.id})
  DELETE approval
}
CALL (v) {
  UNWIND $leaves AS leaf
  CREATE (v)-[:HAS_METADATA]->(m:Metadata)
  SET m = leaf, m.project = v.project
}
RETURN v {.*} AS version
