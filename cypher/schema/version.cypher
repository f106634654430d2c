// name: schema/find-version
// The schema version of the graph's data; no row when none is recorded.
MATCH (s:Schema {id: 'graph'})
RETURN s.version AS version

// name: schema/find-data
// Whether the graph holds data: a row for each label of which it has a node. Things are what entities were before schema version 1.
MATCH (n:Project) WITH n LIMIT 1 RETURN 'Project' AS label
UNION ALL
MATCH (n:Entity) WITH n LIMIT 1 RETURN 'Entity' AS label
UNION ALL
MATCH (n:Thing) WITH n LIMIT 1 RETURN 'Thing' AS label

// name: schema/record-version
// Records the schema version unless another process was first; the recorded version.
MERGE (s:Schema {id: 'graph'})
ON CREATE SET s.version = $version
RETURN s.version AS version
