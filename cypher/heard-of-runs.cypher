// Runs that were heard of, each under its lock; those that were stale run again.
UNWIND $ids AS id
MATCH (r:Thing:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
SET r.heartbeatAt = $now
WITH r, clock WHERE r.status = 'STALE'
SET r.status = 'RUNNING', r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN r {.*} AS run, r.clock AS at
