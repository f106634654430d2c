// What is known of the versions among things.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
RETURN id, v.artifactKey AS key, v.number AS number, v.state = 'READY' AS ready, v.project AS project
