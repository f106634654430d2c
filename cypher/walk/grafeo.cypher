// name: walk/grafeo-roots
// The versions that a walk starts from.
UNWIND $ids AS id
MATCH (n:Entity:Version {id: id})
RETURN n.id AS id, n.project AS project, n.artifactKey AS artifactKey

// name: walk/grafeo-upstream
// The edges that come into these nodes along the data, and where from: one hop of a walk.
UNWIND $ids AS id
MATCH (n:Entity {id: id})<-[e:CONSUMED_BY|PRODUCED]-(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN m.id AS from, n.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey

// name: walk/grafeo-downstream
// The edges that leave these nodes along the data, and what they reach: one hop of a walk.
UNWIND $ids AS id
MATCH (n:Entity {id: id})-[e:CONSUMED_BY|PRODUCED]->(m)
WHERE $asOf IS NULL OR e.at <= $asOf
RETURN n.id AS from, m.id AS to, type(e) AS type, e.slot AS slot, e.role AS role,
  m.id AS id, m.project AS project, m.artifactKey AS artifactKey

// name: walk/grafeo-artifacts
// The ids of artifacts by their keys.
UNWIND $ids AS id
MATCH (a:Artifact {key: id})
RETURN id, a.id AS artifact

// name: walk/which-match
// Which of these things a condition holds of.
UNWIND $ids AS id
MATCH (item:Entity {id: id})
WHERE /*condition*/
RETURN item.id AS id
