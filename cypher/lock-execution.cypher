// A run or step, and the clock of its run advanced: locked until the transaction ends (lock-artifacts says why so).
MATCH (x:Thing:Execution {id: $id})
OPTIONAL MATCH (parent:Run)-[:HAS_STEP]->(x)
WITH x, coalesce(parent, x) AS r
SET r.lockedBy = $by
WITH x, r, r.clock AS clock
SET r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
SET x.heartbeatAt = $now
RETURN x {.*} AS execution, r.clock AS at
