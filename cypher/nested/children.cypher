MATCH (:Thing:Run {id: parent})-[:HAS_CHILD]->(item:Run)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role
