// The versions of an artifact that a run or its steps made, newest first, with the names that point to them.
UNWIND $references AS ref
CALL (ref) {
  MATCH (r:Thing:Run {id: ref.run})-[:PRODUCED]->(v:Version {artifactKey: ref.artifactKey}) RETURN v
  UNION
  MATCH (r:Thing:Run {id: ref.run})-[:HAS_STEP]->(:Step)-[:PRODUCED]->(v:Version {artifactKey: ref.artifactKey}) RETURN v
}
RETURN ref.text AS text, v {.*} AS version, [(s:Selector)-[:POINTS_TO]->(v) | s.name] AS selectors
ORDER BY v.number DESC
