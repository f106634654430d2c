// The versions of an artifact that a run or its steps made, newest first, with the names that point to them, or did at a time, and the
// stages that they are or were in; and whether the selector asked for is or was a name there, which goes before a stage.
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
OPTIONAL MATCH (v)<-[m:MOVED]-(:Promotion) WHERE m.at <= $asOf AND m.until > $asOf
OPTIONAL MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(named:Version)
WHERE (named.state = 'READY' OR named.deletedAt > $asOf) AND ($asOf IS NULL OR p.at <= $asOf)
OPTIONAL MATCH (c:AliasChange {key: ref.selectorKey}) WHERE c.since <= $asOf AND c.at > $asOf
RETURN ref.key AS key, v {.*} AS version, selectors, coalesce(h.stage, m.to) AS stage, named IS NOT NULL OR c IS NOT NULL AS named
ORDER BY v.number DESC
