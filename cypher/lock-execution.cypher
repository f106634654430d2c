// A run or step with its run, whose clock is advanced and which was heard of now: locked until the transaction ends (lock-artifacts says why so).
MATCH (x:Thing:Execution {id: $id})
CALL (x) {
  MATCH (x)<-[:HAS_STEP]-(r:Run)
  RETURN r
  UNION
  WITH x WHERE x:Run
  RETURN x AS r
}
SET r.lockedBy = $by
WITH x, r, r.clock AS clock
SET r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END, r.heartbeatAt = $now
RETURN x {.*} AS execution, r {.*} AS run, r.clock AS at
