EXISTS { MATCH (item)-[:HAS_TAG]->(tag:Tag) WHERE /*condition*/ }
