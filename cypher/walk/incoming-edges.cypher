// name: walk/incoming-edges
// The lineage edges that come into these entities.
UNWIND $ids AS id
MATCH (n:Entity {id: id})<-[e:CONSUMED_BY|PRODUCED]-(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN m.id AS from, id AS to, type(e) AS type, e.slot AS slot, e.role AS role
