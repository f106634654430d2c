// The versions of an artifact that a run or its steps made, newest first, with the names that point to them, or did at a time, and the
// stages that they are in; and whether the selector asked for is a name there, which goes before a stage.
UNWIND $references AS ref
CALL (ref) {
  MATCH (r:Thing:Run {id: ref.run})-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
  WHERE $asOf IS NULL OR e.at <= $asOf
  RETURN v
  UNION
  MATCH (r:Thing:Run {id: ref.run})-[:HAS_STEP]->(:Step)-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
  WHERE $asOf IS NULL OR e.at <= $asOf
  RETURN v
}
CALL (v) {
  OPTIONAL MATCH (s:Selector)-[p:POINTS_TO]->(v) WHERE $asOf IS NULL OR p.at <= $asOf
  RETURN s.name AS name
  UNION
  WITH v WHERE $asOf IS NOT NULL
  MATCH (c:AliasChange {from: v.id}) WHERE c.since <= $asOf AND c.at > $asOf
  RETURN c.alias AS name
}
WITH ref, v, collect(name) AS selectors
OPTIONAL MATCH (h:Holder {version: v.id}) WHERE $asOf IS NULL
OPTIONAL MATCH (s:Selector {key: ref.selectorKey})-[:POINTS_TO]->(named:Version {state: 'READY'})
RETURN ref.text AS text, v {.*} AS version, selectors, h.stage AS stage, named IS NOT NULL AS named
ORDER BY v.number DESC
