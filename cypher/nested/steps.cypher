MATCH (:Thing:Run {id: parent})-[:HAS_STEP]->(item:Step)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role
