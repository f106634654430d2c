// Versions of a project, or of one artifact, that are there: newest first in each artifact, with what holds them.
MATCH (v:Version {project: $project}) WHERE v.state = 'READY' AND ($artifact IS NULL OR v.artifact = $artifact)
OPTIONAL MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
WITH v, collect(DISTINCT s.name) AS aliases
OPTIONAL MATCH (h:Holder {version: v.id})
WITH v, aliases, h.stage AS stage
OPTIONAL MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
WITH v, aliases, stage, collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
  collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
RETURN v {.*} AS version, aliases, stage, descendants, buried
ORDER BY v.artifactKey, v.number DESC
