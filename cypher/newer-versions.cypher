// The versions of artifacts that are there, above a number.
UNWIND $artifacts AS row
MATCH (v:Version {artifactKey: row.key}) WHERE v.number > row.above AND v.state = 'READY'
RETURN v.id AS id, v.artifactKey AS key, v.number AS number, true AS ready, v.project AS project
LIMIT $limit
