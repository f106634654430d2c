// A project and the stages that it defined, locked until the transaction ends: what its stages are, and who holds them, is decided by one
// transaction at a time.
MATCH (p:Project {name: $project})
SET p.lockedBy = $by
WITH p
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages
