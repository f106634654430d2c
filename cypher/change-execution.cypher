// A locked execution with its changed properties and tags; tags of others stay.
MATCH (x:Thing:Execution {id: $id})
SET x += $changes
WITH x
CALL (x) {
  UNWIND $removeTags AS name
  MATCH (x)-[:HAS_TAG]->(t:Tag {name: name})
  DETACH DELETE t
}
CALL (x) {
  UNWIND $addTags AS name
  MERGE (x)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = x.project
}
RETURN x {.*} AS execution
