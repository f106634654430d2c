// Which executions read which versions; the same edge twice is one.
UNWIND $edges AS edge
MATCH (v:Thing:Version {id: edge.version})
MATCH (x:Thing:Execution {id: edge.execution})
MERGE (v)-[e:CONSUMED_BY {slot: edge.slot, role: edge.role}]->(x)
ON CREATE SET e.at = $now, e.rank = edge.rank
RETURN count(e) AS recorded
