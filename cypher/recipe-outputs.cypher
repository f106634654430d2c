// What executions made.
UNWIND $ids AS id
MATCH (x:Thing:Execution {id: id})-[e:PRODUCED]->(v:Version)
WHERE $projects IS NULL OR v.project IN $projects
RETURN id AS execution, e.slot AS slot, e.role AS role, v {.*} AS version LIMIT $limit
