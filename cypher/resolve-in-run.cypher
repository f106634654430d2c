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
  MATCH (v)<-[p:POINTS_TO]-(s:Selector) WHERE $asOf IS NULL OR p.at <= $asOf
  RETURN collect(s.name) AS names
}
CALL (v) {
  MATCH (c:AliasChange {from: v.id}) WHERE c.since <= $asOf AND c.at > $asOf
  RETURN collect(c.alias) AS formerNames
}
CALL (v) {
  MATCH (h:Holder {version: v.id}) WHERE $asOf IS NULL
  RETURN collect(h.stage) AS stages
}
CALL (v) {
  MATCH (v)<-[m:MOVED]-(:Promotion) WHERE m.at <= $asOf AND m.until > $asOf
  RETURN collect(m.to) AS stagesThen
}
CALL (ref) {
  MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(named:Version)
  WHERE (named.state = 'READY' OR named.deletedAt > $asOf) AND ($asOf IS NULL OR p.at <= $asOf)
  RETURN count(s) AS pointing
}
CALL (ref) {
  MATCH (c:AliasChange {key: ref.selectorKey}) WHERE c.since <= $asOf AND c.at > $asOf
  RETURN count(c) AS pointed
}
RETURN ref.key AS key, v {.*} AS version, names + formerNames AS selectors, coalesce(stages[0], stagesThen[0]) AS stage,
  pointing + pointed > 0 AS named
ORDER BY v.number DESC
