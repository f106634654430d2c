EXISTS { MATCH (item)-[:HAS_LABEL]->(label:Label) WHERE label.key = /*key*/ AND /*condition*/ }
