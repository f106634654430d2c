// A locked artifact with its changed properties and tags; tags of others stay.
MATCH (a:Artifact {key: $key})
SET a += $changes
WITH a
CALL (a) {
  UNWIND $removeTags AS name
  MATCH (a)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (a)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (a) {
  UNWIND $addTags AS name
  MERGE (a)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = a.project, t.at = $at
}
RETURN a {.*} AS artifact
