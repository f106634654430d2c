// The artifacts, created when missing, locked until the transaction ends, with their newest version and the time by their own clocks.
// A constant is set first to take the lock, and the clock is then set from a variable: `SET a.clock = a.clock + 1` would make Neo4j see
// deadlocks where there are none as soon as a later statement writes to the artifact (neo4j/neo4j#13291).
UNWIND $artifacts AS row
MERGE (a:Artifact {key: row.key})
ON CREATE SET a:Thing, a.id = row.id, a.project = row.project, a.name = row.name, a.kind = row.kind,
  a.number = 0, a.clock = 0, a.createdAt = $now, a.updatedAt = $now, a.text = row.text, a.nameKey = row.nameKey
SET a.lockedBy = row.id, a.deletedAt = null
WITH a, row, a.clock AS clock
SET a.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
WITH a
CALL (a) {
  MATCH (v:Version {artifactKey: a.key}) WHERE v.number > 0 AND v.state = 'READY'
  WITH v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  RETURN collect(v {.*}) AS newest
}
RETURN a.key AS key, a.kind AS kind, a.number AS number, a.clock AS clock, newest[0] AS latest
