// The newest version of artifacts that is there, some left out.
UNWIND $artifacts AS row
CALL (row) {
  MATCH (v:Version {artifactKey: row.key}) WHERE v.number > row.above AND v.state = 'READY' AND NOT v.id IN row.except
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN row.key AS key, v.id AS id, v.number AS number
