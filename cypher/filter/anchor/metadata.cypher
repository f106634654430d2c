, (item)-[:/*relation*/]->(/*name*/:Metadata)
