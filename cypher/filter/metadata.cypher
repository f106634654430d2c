EXISTS { MATCH (item)-[:HAS_METADATA]->(leaf:Metadata) WHERE leaf.key = /*key*/ AND /*condition*/ }
