// The edges that leave these nodes along the data, and what they reach: one hop of a walk.
UNWIND $ids AS id
MATCH (n:Thing {id: id})-[e:CONSUMED_BY|PRODUCED]->(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN n.id AS from, m.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey
