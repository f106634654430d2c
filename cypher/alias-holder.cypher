// Who holds a version name or alias now.
MATCH (s:Selector {key: $key})-[:POINTS_TO]->(v:Version)
RETURN s.fixed AS fixed, v.id AS id, v.number AS number
