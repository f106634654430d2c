OPTIONAL MATCH (item)-[:/*relation*/]->(/*name*/:Metadata {key: /*key*/})
WITH *
