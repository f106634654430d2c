// A run, under its parent where it has one, with its steps.
CREATE (r:Thing:Execution:Run)
SET r = $run
FOREACH (tag IN $tags | CREATE (r)-[:HAS_TAG]->(:Tag {name: tag, project: $run.project}))
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
  FOREACH (tag IN row.tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: row.properties.project}))
}
RETURN r.id AS id
