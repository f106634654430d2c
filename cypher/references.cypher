// name: resolve-ids
// Versions by id. Most references are ids, and resolve-references would look for every other form too.
UNWIND $references AS ref
MATCH (v:Entity:Version {id: ref.id}) WHERE /*use existed at=v.createdAt*/
RETURN ref.key AS key, v {.*} AS version

// name: resolve-references
// The versions that references match by a number, a version name or alias, a stage (its holder, or the newest version in it), `latest` or a
// digest. With $asOf, those that matched then: the keys that begin with `past` find aliases and stages that have moved since.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Version {key: ref.versionKey}) RETURN v, false AS byStage
  UNION
  MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(v:Version)
  WHERE /*use not-deleted v=v*/ AND /*use existed at=p.at*/
  RETURN v, false AS byStage
  UNION
  MATCH (h:Holder {place: ref.selectorKey}) WHERE $asOf IS NULL
  WITH h ORDER BY h.place DESC, h.number DESC LIMIT 1
  MATCH (v:Entity:Version {id: h.version}) RETURN v, true AS byStage
  UNION
  MATCH (c:AliasChange {key: ref.pastSelectorKey}) WHERE c.since <= $asOf AND c.at > $asOf
  MATCH (v:Entity:Version {id: c.from}) WHERE /*use not-deleted v=v*/
  RETURN v, false AS byStage
  UNION
  MATCH (:Promotion {artifactKey: ref.pastArtifactKey})-[m:MOVED]->(v:Version)
  WHERE m.to = ref.pastStage AND m.at <= $asOf AND m.until > $asOf
  RETURN v, true AS byStage ORDER BY v.number DESC LIMIT 1
  UNION
  MATCH (v:Version {artifactKey: ref.latestOf}) WHERE v.number > 0
    AND /*use not-deleted v=v*/ AND /*use existed at=v.createdAt*/
  RETURN v, false AS byStage ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  UNION
  MATCH (v:Version {digest: ref.digest})
  WHERE /*use not-deleted v=v*/ AND /*use existed at=v.createdAt*/
    AND (ref.projects IS NULL OR v.project IN ref.projects)
  RETURN v, false AS byStage LIMIT 11
}
WITH ref, v, byStage WHERE /*use existed at=v.createdAt*/
RETURN ref.key AS key, v {.*} AS version, byStage

// name: resolve-prefixes
// The versions whose id starts with a prefix: one more than an error lists, to show that there are more.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Entity:Version) WHERE v.id STARTS WITH ref.prefix AND (ref.projects IS NULL OR v.project IN ref.projects)
    AND /*use not-deleted v=v*/ AND /*use existed at=v.createdAt*/
  RETURN v ORDER BY v.id LIMIT 11
}
RETURN ref.key AS key, v {.*} AS version

// name: resolve-in-runs
// The versions of an artifact that a run or its steps produced, newest first, with the version names, aliases and stage that they have, or had as
// of a time, and whether the selector is a name in the artifact, which takes precedence over a stage.
UNWIND $references AS ref
CALL (ref) {
  MATCH (r:Entity:Run {id: ref.run})-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
  WHERE /*use existed at=e.at*/
  RETURN v
  UNION
  MATCH (r:Entity:Run {id: ref.run})-[:HAS_STEP]->(:Step)-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
  WHERE /*use existed at=e.at*/
  RETURN v
}
CALL (v) {
  MATCH (v)<-[p:POINTS_TO]-(s:Selector) WHERE /*use existed at=p.at*/
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
  RETURN collect(m.to) AS formerStages
}
CALL (ref) {
  MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(named:Version)
  WHERE /*use not-deleted v=named*/ AND /*use existed at=p.at*/
  RETURN count(s) AS nameCount
}
CALL (ref) {
  MATCH (c:AliasChange {key: ref.selectorKey}) WHERE c.since <= $asOf AND c.at > $asOf
  RETURN count(c) AS formerNameCount
}
RETURN ref.key AS key, v {.*} AS version, names + formerNames AS selectors, coalesce(stages[0], formerStages[0]) AS stage,
  nameCount + formerNameCount > 0 AS isName
ORDER BY v.number DESC
