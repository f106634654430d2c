// The tags of things.
UNWIND $ids AS id
MATCH (n:Thing {id: id})-[:HAS_TAG]->(t:Tag)
RETURN id, t.name AS value
