EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key = /*key*/ AND /*condition*/ }
