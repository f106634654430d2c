// The edges that come into these nodes along the data, and where from: one hop of a walk.
UNWIND $ids AS id
MATCH (n:Thing {id: id})<-[e:CONSUMED_BY|PRODUCED]-(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN m.id AS from, n.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey
