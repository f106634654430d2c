// The aliases of artifacts with the versions that hold them, or held them at a time, by the artifact's key.
UNWIND $ids AS id
MATCH (v:Version {artifactKey: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND ($asOf IS NULL OR p.at <= $asOf)
RETURN id, {alias: s.name, version: v {.*}} AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {artifactKey: id}) WHERE c.since <= $asOf AND c.at > $asOf
MATCH (v:Thing:Version {id: c.from})
RETURN id, {alias: c.alias, version: v {.*}} AS value
