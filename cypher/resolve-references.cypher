// The versions that references name, each by one form: an id, a number, the newest one, a version name or alias, else a stage (its holder,
// or the newest in it), or a digest. With a time, those that were there then; `pastKey` is the selector's key where aliases that moved
// since are to be looked for too.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Thing:Version {id: ref.id}) RETURN v
  UNION
  MATCH (v:Version {key: ref.versionKey}) RETURN v
  UNION
  MATCH (s:Selector {key: ref.selectorKey})-[p:POINTS_TO]->(v:Version)
  WHERE (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR p.at <= $asOf)
  RETURN v
  UNION
  MATCH (h:Holder {place: ref.selectorKey})
  WHERE $asOf IS NULL AND NOT EXISTS { MATCH (:Selector {key: ref.selectorKey})-[:POINTS_TO]->(named:Version) WHERE named.state = 'READY' }
  WITH h ORDER BY h.place DESC, h.number DESC LIMIT 1
  MATCH (v:Thing:Version {id: h.version}) RETURN v
  UNION
  MATCH (c:AliasChange {key: ref.pastKey}) WHERE c.since <= $asOf AND c.at > $asOf
  MATCH (v:Thing:Version {id: c.from}) WHERE v.state = 'READY' OR v.deletedAt > $asOf
  RETURN v
  UNION
  MATCH (v:Version {artifactKey: ref.latestOf}) WHERE v.number > 0
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  UNION
  MATCH (v:Version {digest: ref.digest})
  WHERE (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
    AND ($projects IS NULL OR v.project IN $projects)
  RETURN v LIMIT 11
}
WITH ref, v WHERE $asOf IS NULL OR v.createdAt <= $asOf
RETURN ref.text AS text, v {.*} AS version
