EXISTS { MATCH (item)-[:CONSUMED_BY]->(x:Execution) WHERE /*condition*/ }
