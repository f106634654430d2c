// How many artifacts have their nearest version downstream of the roots at each hop.
// UNWIND, not IN: a seek of several ids on a unique index makes 5.26 think that what they reach is distinct by itself.
UNWIND $roots AS id
MATCH (root:Thing {id: id})
MATCH p = (root)-[:CONSUMED_BY|PRODUCED*0../*hops*/]->(n)
WITH n, min(length(p)) AS hop
WITH n.artifactKey AS artifact, min(hop) AS hop WHERE artifact IS NOT NULL
RETURN hop, count(artifact) AS artifacts
ORDER BY hop
