// A step of a run that is locked already.
MATCH (r:Thing:Run {id: $step.run})
CREATE (s:Thing:Execution:Step)
SET s = $step
CREATE (r)-[:HAS_STEP]->(s)
FOREACH (tag IN $tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: $step.project}))
RETURN s.id AS id
