// A run or step, and the clock of its run advanced: locked until the transaction ends.
MATCH (x:Thing:Execution {id: $id})
OPTIONAL MATCH (parent:Run)-[:HAS_STEP]->(x)
WITH x, coalesce(parent, x) AS r
SET r.clock = CASE WHEN r.clock + 1 > $now THEN r.clock + 1 ELSE $now END
SET x.heartbeatAt = $now
RETURN x {.*} AS execution, r.clock AS at
