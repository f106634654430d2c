// How much lies upstream of the roots at each hop: distinct nodes, and the versions among them by artifact.
// UNWIND, not IN: a seek of several ids on a unique index makes 5.26 think that what they reach is distinct by itself.
UNWIND $roots AS id
MATCH (root:Thing {id: id})
MATCH p = (root)<-[:CONSUMED_BY|PRODUCED*0../*hops*/]-(n)
WITH n, min(length(p)) AS hop
RETURN hop, count(n) AS things, count(n.artifactKey) AS versions
ORDER BY hop
