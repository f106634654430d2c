EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key STARTS WITH /*key*/ }
