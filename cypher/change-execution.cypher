// A locked execution with its changed properties and tags; tags of others stay.
MATCH (x:Thing:Execution {id: $id})
SET x += $changes
WITH x
CALL (x) {
  UNWIND $removeTags AS name
  MATCH (x)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (x)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (x) {
  UNWIND $addTags AS name
  MERGE (x)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = x.project, t.at = $at
}
CALL (x) {
  UNWIND $dropLeaves AS relation
  MATCH (x)-[e:HAS_METADATA|HAS_PARAMETER]->(m:Metadata) WHERE type(e) = relation
  DETACH DELETE m
}
CALL (x) {
  UNWIND $leaves.metadata AS leaf
  CREATE (x)-[:HAS_METADATA]->(m:Metadata)
  SET m = leaf
}
CALL (x) {
  UNWIND $leaves.parameters AS leaf
  CREATE (x)-[:HAS_PARAMETER]->(m:Metadata)
  SET m = leaf
}
RETURN x {.*} AS execution
