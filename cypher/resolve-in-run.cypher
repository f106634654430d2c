// The versions of an artifact that a run or its steps made, newest first, with the names that point to them and the stages that they are in;
// and whether the selector asked for is a name there, which goes before a stage.
UNWIND $references AS ref
CALL (ref) {
  MATCH (r:Thing:Run {id: ref.run})-[:PRODUCED]->(v:Version {artifactKey: ref.artifactKey}) RETURN v
  UNION
  MATCH (r:Thing:Run {id: ref.run})-[:HAS_STEP]->(:Step)-[:PRODUCED]->(v:Version {artifactKey: ref.artifactKey}) RETURN v
}
OPTIONAL MATCH (h:Holder {version: v.id})
OPTIONAL MATCH (s:Selector {key: ref.selectorKey})-[:POINTS_TO]->(named:Version {state: 'READY'})
RETURN ref.text AS text, v {.*} AS version, [(names:Selector)-[:POINTS_TO]->(v) | names.name] AS selectors, h.stage AS stage,
  named IS NOT NULL AS named
ORDER BY v.number DESC
