// name: find-recipe-outputs
// What executions made.
UNWIND $ids AS id
MATCH (x:Entity:Execution {id: id})-[e:PRODUCED]->(v:Version)
WHERE $projects IS NULL OR v.project IN $projects
RETURN id AS execution, e.slot AS slot, e.role AS role, v {.*} AS version LIMIT $limit

// name: find-versions-of-project
// The versions of a project, tombstones too, as many as are looked at. All have a createdAt: saying so lets an index find them.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.createdAt IS NOT NULL
RETURN v.id AS id, v.artifactKey AS key, v.number AS number, v.state = 'READY' AS ready, v.project AS project
LIMIT $limit

// name: find-newer-versions
// The versions of artifacts that are there, above a number.
UNWIND $artifacts AS row
MATCH (v:Version {artifactKey: row.key}) WHERE v.number > row.above AND v.state = 'READY'
RETURN v.id AS id, v.artifactKey AS key, v.number AS number, true AS ready, v.project AS project
LIMIT $limit

// name: direct-predecessors
// What stands right before things along the data, as two columns in one row: hundreds of thousands of rows would cost more than what is in them.
UNWIND $ids AS id
MATCH (n:Entity {id: id})<-[:CONSUMED_BY|PRODUCED]-(m)
RETURN collect(m.id) AS froms, collect(id) AS tos

// name: newest-excluding
// The newest version of artifacts that is there, some left out.
UNWIND $artifacts AS row
CALL (row) {
  MATCH (v:Version {artifactKey: row.key}) WHERE v.number > row.above AND v.state = 'READY' AND NOT v.id IN row.except
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN row.key AS key, v.id AS id, v.number AS number

// name: find-known-versions
// What is known of the versions among things.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
RETURN id, v.artifactKey AS key, v.number AS number, v.state = 'READY' AS ready, v.project AS project
