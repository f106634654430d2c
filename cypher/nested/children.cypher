MATCH (:Thing:Run {id: parent})-[:HAS_CHILD]->(item:Run)
WITH item, item.rank AS rank, '' AS slot, '' AS role
