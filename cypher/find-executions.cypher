// Runs and steps by id, a step with its run.
UNWIND $ids AS id
MATCH (x:Thing:Execution {id: id})
OPTIONAL MATCH (r:Run)-[:HAS_STEP]->(x)
RETURN x {.*} AS execution, CASE WHEN r IS NULL THEN null ELSE r {.*} END AS run
