// Versions of a project, or of one artifact, that are there: newest first in each artifact, with what holds them.
MATCH (v:Version {project: $project}) WHERE v.state = 'READY' AND ($artifact IS NULL OR v.artifact = $artifact)
OPTIONAL MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
WITH v, collect(DISTINCT s.name) AS aliases
OPTIONAL MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version {state: 'READY'}) WHERE d.id <> v.id
WITH v, aliases, collect(DISTINCT d.id) AS descendants
RETURN v {.*} AS version, aliases, descendants
ORDER BY v.artifactKey, v.number DESC
