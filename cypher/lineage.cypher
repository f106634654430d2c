// Recipes, then staleness: of one version, and of all versions of a project.

// name: find-recipe-outputs
// The readable versions that executions produced, with slot and role.
UNWIND $ids AS id
MATCH (x:Entity:Execution {id: id})-[e:PRODUCED]->(v:Version)
WHERE $projects IS NULL OR v.project IN $projects
RETURN id AS execution, e.slot AS slot, e.role AS role, v {.*} AS version LIMIT $limit

// name: find-version-summaries
// The artifact, number and state of versions by id; ids of executions are ignored.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
RETURN id, v.artifactKey AS artifactKey, v.number AS number, v.state = 'READY' AS ready, v.project AS project

// name: find-newest-versions
// The newest READY version of each artifact that is above a number and not excluded.
UNWIND $artifacts AS row
CALL (row) {
  MATCH (v:Version {artifactKey: row.artifactKey})
  WHERE v.number > row.above AND v.state = 'READY' AND NOT v.id IN row.excluding
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN row.artifactKey AS artifactKey, v.id AS id, v.number AS number

// name: find-versions-of-project
// All versions of a project, deleted ones included. Every version has a createdAt; the condition lets the engines use its index.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.createdAt IS NOT NULL
RETURN v.id AS id, v.artifactKey AS artifactKey, v.number AS number, v.state = 'READY' AS ready, v.project AS project
LIMIT $limit

// name: direct-predecessors
// The edges from direct predecessors of nodes, as two lists in a single row: hundreds of thousands of rows would cost more than their content.
UNWIND $ids AS id
MATCH (n:Entity {id: id})<-[:CONSUMED_BY|PRODUCED]-(m)
RETURN collect(m.id) AS froms, collect(id) AS tos

// name: find-newer-versions
// The READY versions of each artifact that are above a number.
UNWIND $artifacts AS row
MATCH (v:Version {artifactKey: row.artifactKey}) WHERE v.number > row.above AND v.state = 'READY'
RETURN v.id AS id, v.artifactKey AS artifactKey, v.number AS number, true AS ready, v.project AS project
LIMIT $limit
