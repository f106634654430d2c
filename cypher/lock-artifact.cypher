// An artifact that is there, locked until the transaction ends, and the time by its clock (lock-artifacts says why so).
MATCH (a:Artifact {key: $key}) WHERE a.deletedAt IS NULL
SET a.lockedBy = $by
WITH a, a.clock AS clock
SET a.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN a {.*} AS artifact, a.clock AS at
