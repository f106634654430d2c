// The artifacts, created when missing, locked until the transaction ends, with their newest version and the time by their own clocks.
UNWIND $artifacts AS row
MERGE (a:Artifact {key: row.key})
ON CREATE SET a:Thing, a.id = row.id, a.project = row.project, a.name = row.name, a.kind = row.kind,
  a.number = 0, a.clock = 0, a.createdAt = $now, a.updatedAt = $now, a.text = row.text
SET a.clock = CASE WHEN a.clock + 1 > $now THEN a.clock + 1 ELSE $now END
WITH a, row
CALL (a) {
  OPTIONAL MATCH (v:Version {artifactKey: a.key}) WHERE v.number > 0 AND v.state = 'READY'
  RETURN v ORDER BY v.number DESC LIMIT 1
}
RETURN a.key AS key, a.kind AS kind, a.number AS number, a.clock AS clock, v.id AS latestId, v {.*} AS latest
