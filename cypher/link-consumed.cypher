// Which executions read which versions; the same edge twice is one.
UNWIND $edges AS edge
MATCH (v:Thing:Version {id: edge.version})
MATCH (x:Thing:Execution {id: edge.execution})
// From the side that has few edges: one engine looks through those of the first node, and a version may have many readers.
MERGE (x)<-[e:CONSUMED_BY {slot: edge.slot, role: edge.role}]-(v)
ON CREATE SET e.at = edge.at, e.rank = edge.rank
RETURN count(e) AS recorded
