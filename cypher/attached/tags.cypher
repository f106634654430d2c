// The tags of things, or those that they had at a time.
UNWIND $ids AS id
MATCH (n:Thing {id: id})-[:HAS_TAG|HAD_TAG]->(t)
WHERE ($asOf IS NULL OR t.at <= $asOf) AND (t.until IS NULL OR t.until > $asOf)
RETURN id, t.name AS value
