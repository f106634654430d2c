MATCH (item)-[:/*relation*/]->(/*name*/:Metadata)
