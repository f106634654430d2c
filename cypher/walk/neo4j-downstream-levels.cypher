// How much lies downstream of the roots at each hop: distinct nodes, and the versions among them by artifact.
MATCH (root:Thing) WHERE root.id IN $roots
MATCH p = (root)-[:CONSUMED_BY|PRODUCED*0../*hops*/]->(n)
WITH n, min(length(p)) AS hop
RETURN hop, count(n) AS things, count(n.artifactKey) AS versions
ORDER BY hop
