// Artifacts that are there, locked in this order until the transaction ends, and the time by the clock of each (lock-artifacts says why so).
UNWIND $keys AS key
MATCH (a:Artifact {key: key}) WHERE a.deletedAt IS NULL
SET a.lockedBy = $by
WITH a, a.clock AS clock
SET a.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN a {.*} AS artifact, a.clock AS at
