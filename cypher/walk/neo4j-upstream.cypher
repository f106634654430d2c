// What lies upstream of the roots within a number of hops, each node once, with the edges at it on that side.
// UNWIND, not IN: a seek of several ids on a unique index makes 5.26 think that what they reach is distinct by itself.
UNWIND $roots AS id
MATCH (root:Thing {id: id})
MATCH (root)<-[:CONSUMED_BY|PRODUCED*0../*hops*/]-(n)
WITH DISTINCT n LIMIT $limit
RETURN n.id AS id, labels(n) AS labels, n.project AS project, n.artifactKey AS artifactKey,
  [(n)<-[e:CONSUMED_BY|PRODUCED]-(m) | [m.id, type(e), e.slot, e.role]] AS edges
