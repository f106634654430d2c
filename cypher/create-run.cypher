// A run, under its parent where it has one, with its steps; metadata, parameters and metrics as leaves too, for filters.
CREATE (r:Thing:Execution:Run)
SET r = $run
FOREACH (tag IN $tags | CREATE (r)-[:HAS_TAG]->(:Tag {name: tag, project: $run.project, at: $run.createdAt}))
FOREACH (leaf IN $leaves.metadata | CREATE (r)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.parameters | CREATE (r)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.metrics | CREATE (r)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
WITH r
CALL (r) {
  MATCH (parent:Thing:Run {id: $run.parent})
  CREATE (parent)-[:HAS_CHILD]->(r)
}
CALL (r) {
  UNWIND $steps AS row
  CREATE (s:Thing:Execution:Step)
  SET s = row.properties
  CREATE (r)-[:HAS_STEP]->(s)
  FOREACH (tag IN row.tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: row.properties.project, at: row.properties.createdAt}))
  FOREACH (leaf IN row.leaves.metadata | CREATE (s)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
  FOREACH (leaf IN row.leaves.parameters | CREATE (s)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
  FOREACH (leaf IN row.leaves.metrics | CREATE (s)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
}
RETURN r.id AS id
