// How many artifacts have their nearest version downstream of the roots at each hop.
MATCH (root:Thing) WHERE root.id IN $roots
MATCH p = (root)-[:CONSUMED_BY|PRODUCED*0../*hops*/]->(n)
WITH n, min(length(p)) AS hop
WITH n.artifactKey AS artifact, min(hop) AS hop WHERE artifact IS NOT NULL
RETURN hop, count(artifact) AS artifacts
ORDER BY hop
