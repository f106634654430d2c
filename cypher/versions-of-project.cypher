// The versions of a project, tombstones too, as many as are looked at. All have a createdAt: saying so lets an index find them.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.createdAt IS NOT NULL
RETURN v.id AS id, v.artifactKey AS key, v.number AS number, v.state = 'READY' AS ready, v.project AS project
LIMIT $limit
