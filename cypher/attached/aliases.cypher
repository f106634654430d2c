// The aliases that point to versions, or pointed to them at a time.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND ($asOf IS NULL OR p.at <= $asOf)
RETURN id, s.name AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {from: id}) WHERE c.since <= $asOf AND c.at > $asOf
RETURN id, c.alias AS value
