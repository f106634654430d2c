// Runs and steps by id, a step with its run.
UNWIND $ids AS id
MATCH (x:Thing:Execution {id: id})
CALL (x) {
  MATCH (x)<-[:HAS_STEP]-(r:Run)
  RETURN collect(r {.*}) AS runs
}
RETURN x {.*} AS execution, runs[0] AS run
