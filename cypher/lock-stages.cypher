// A project and the stages that it defined, locked until the transaction ends: what its stages are, and who holds them, is decided by one
// transaction at a time.
MATCH (p:Project {name: $project})
SET p.lockedBy = $by
WITH p
OPTIONAL MATCH (s:Stage {project: p.name})
RETURN CASE WHEN s IS NULL THEN null ELSE s {.*} END AS stage
