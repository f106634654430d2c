// A step of a run that is locked already.
UNWIND [$step.run] AS run
MATCH (r:Thing:Run {id: run})
CREATE (s:Thing:Execution:Step)
SET s = $step
CREATE (r)-[:HAS_STEP]->(s)
FOREACH (tag IN $tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: $step.project, at: $step.createdAt}))
FOREACH (leaf IN $leaves.metadata | CREATE (s)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.parameters | CREATE (s)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.metrics | CREATE (s)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
RETURN s.id AS id
