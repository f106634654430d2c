// Of these runs, those that are still silent under their lock become stale.
UNWIND $ids AS id
MATCH (r:Thing:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
MATCH (p:Project {name: r.project})
WHERE r.status = 'RUNNING' AND r.heartbeatAt < $now - p.staleAfterSeconds * 1000
SET r.status = 'STALE', r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN r {.*} AS run, r.clock AS at
