, (item)-[:HAS_METADATA]->(/*name*/:Metadata)
