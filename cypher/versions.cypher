// name: find-alias-holder
// Who holds a version name or alias now.
MATCH (s:Selector {key: $key})-[:POINTS_TO]->(v:Version)
RETURN s.fixed AS fixed, v.id AS id, v.number AS number

// name: remove-alias
// Takes an alias from its holder, and keeps that in its history. The artifact is locked already.
MATCH (s:Selector {key: $key})-[held:POINTS_TO]->(holder:Version)
WITH s, holder.id AS previous, holder.project AS project, held.at AS since
DETACH DELETE s
CREATE (:AliasChange {key: $key, artifactKey: $artifactKey, project: project, alias: $alias, from: previous, since: since,
  to: null, actor: $actor, at: $at, rank: $rank})
RETURN previous

// name: update-version
// A version with its changed properties, tags, labels and metadata leaves; approvals lapse with the metadata. Its artifact is locked already.
MATCH (v:Entity:Version {id: $id})
SET v += $changes
WITH v
CALL (v) {
  UNWIND $removeTags AS name
  MATCH (v)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (v)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (v) {
  UNWIND $addTags AS name
  MERGE (v)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = v.project, t.at = $at
}
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
  UNWIND $lapsing AS any
  MATCH (approval:Approval {version: v.id})
  DELETE approval
}
CALL (v) {
  UNWIND $leaves AS leaf
  CREATE (v)-[:HAS_METADATA]->(m:Metadata)
  SET m = leaf, m.project = v.project
}
RETURN v {.*} AS version
