// Which executions made which versions; the same edge twice is one.
UNWIND $edges AS edge
MATCH (v:Thing:Version {id: edge.version})
MATCH (x:Thing:Execution {id: edge.execution})
MERGE (x)-[e:PRODUCED {slot: edge.slot, role: edge.role}]->(v)
ON CREATE SET e.at = $now, e.rank = edge.rank
RETURN count(e) AS recorded
