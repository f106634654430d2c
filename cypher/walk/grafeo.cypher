// name: walk/grafeo-roots
// The versions from which a walk starts.
UNWIND $ids AS id
MATCH (n:Entity:Version {id: id})
RETURN n.id AS id, n.project AS project, n.artifactKey AS artifactKey

// name: walk/grafeo-upstream
// One hop upstream: the lineage edges into these nodes, and the nodes that they come from.
UNWIND $ids AS id
MATCH (n:Entity {id: id})<-[e:CONSUMED_BY|PRODUCED]-(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN m.id AS from, n.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey

// name: walk/grafeo-downstream
// One hop downstream: the lineage edges out of these nodes, and the nodes that they lead to.
UNWIND $ids AS id
MATCH (n:Entity {id: id})-[e:CONSUMED_BY|PRODUCED]->(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN n.id AS from, m.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey

// name: walk/grafeo-matching
// Those of these nodes that fulfill a condition.
UNWIND $ids AS id
MATCH (item:Entity {id: id})
WHERE /*condition*/
RETURN item.id AS id

// name: walk/grafeo-artifacts
// The ids of artifacts by their keys.
UNWIND $ids AS id
MATCH (a:Artifact {key: id})
RETURN id, a.id AS artifact
