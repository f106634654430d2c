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
  MATCH (v:Thing:Version {id: h.version}) RETURN v, true AS staged
  UNION
  MATCH (c:AliasChange {key: ref.pastKey}) WHERE c.since <= $asOf AND c.at > $asOf
  MATCH (v:Thing:Version {id: c.from}) WHERE v.state = 'READY' OR v.deletedAt > $asOf
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
