// name: resolve-references
// The versions that references name, each by one form: a number, the newest one, a version name or alias, a stage (its holder, or
// the newest in it; `staged`, as a name goes before it), or a digest. With a time, those that were there then; the `past…` are the selector's
// key, artifact and stage where what moved since is to be looked for too.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Version {key: ref.versionKey}) RETURN v, false AS staged
  UNION
  MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(v:Version)
  WHERE (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR p.at <= $asOf)
  RETURN v, false AS staged
  UNION
  MATCH (h:Holder {place: ref.selectorKey}) WHERE $asOf IS NULL
  WITH h ORDER BY h.place DESC, h.number DESC LIMIT 1
  MATCH (v:Entity:Version {id: h.version}) RETURN v, true AS staged
  UNION
  MATCH (c:AliasChange {key: ref.pastKey}) WHERE c.since <= $asOf AND c.at > $asOf
  MATCH (v:Entity:Version {id: c.from}) WHERE v.state = 'READY' OR v.deletedAt > $asOf
  RETURN v, false AS staged
  UNION
  MATCH (:Promotion {artifactKey: ref.pastOf})-[m:MOVED]->(v:Version)
  WHERE m.to = ref.pastStage AND m.at <= $asOf AND m.until > $asOf
  RETURN v, true AS staged ORDER BY v.number DESC LIMIT 1
  UNION
  MATCH (v:Version {artifactKey: ref.latestOf}) WHERE v.number > 0
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v, false AS staged ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  UNION
  MATCH (v:Version {digest: ref.digest})
  WHERE (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
    AND (ref.projects IS NULL OR v.project IN ref.projects)
  RETURN v, false AS staged LIMIT 11
}
WITH ref, v, staged WHERE $asOf IS NULL OR v.createdAt <= $asOf
RETURN ref.key AS key, v {.*} AS version, staged

// name: resolve-ids
// Versions by their ids, now or, with a time, those that were there then. Most references are ids: resolve-references would look for every other form too.
UNWIND $references AS ref
MATCH (v:Entity:Version {id: ref.id}) WHERE $asOf IS NULL OR v.createdAt <= $asOf
RETURN ref.key AS key, v {.*} AS version

// name: resolve-prefix
// The versions whose id begins so; one more than can be listed, to know that there are more.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Entity:Version) WHERE v.id STARTS WITH ref.prefix AND (ref.projects IS NULL OR v.project IN ref.projects)
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v ORDER BY v.id LIMIT 11
}
RETURN ref.key AS key, v {.*} AS version

// name: resolve-in-run
// The versions of an artifact that a run or its steps made, newest first, with the names that point to them, or did at a time, and the
// stages that they are or were in; and whether the selector asked for is or was a name there, which goes before a stage.
UNWIND $references AS ref
CALL (ref) {
  MATCH (r:Entity:Run {id: ref.run})-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
  WHERE $asOf IS NULL OR e.at <= $asOf
  RETURN v
  UNION
  MATCH (r:Entity:Run {id: ref.run})-[:HAS_STEP]->(:Step)-[e:PRODUCED]->(v:Version {artifactKey: ref.artifactKey})
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
