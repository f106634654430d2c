// Versions of a project, or of one artifact, that are there: newest first in each artifact, with what holds them.
UNWIND [$project] AS project
MATCH (v:Version {project: project}) WHERE v.state = 'READY' AND ($artifact IS NULL OR v.artifact = $artifact)
CALL (v) {
  MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
  RETURN collect(DISTINCT s.name) AS aliases
}
CALL (v) {
  MATCH (h:Holder {version: v.id})
  RETURN collect(h.stage) AS stages
}
CALL (v) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
  RETURN collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
    collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
}
RETURN v {.*} AS version, aliases, stages[0] AS stage, descendants, buried
ORDER BY v.artifactKey, v.number DESC
