OPTIONAL MATCH (item)-[:HAS_METADATA]->(/*name*/:Metadata {key: /*key*/})
WITH *
