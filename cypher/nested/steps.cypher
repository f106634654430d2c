MATCH (:Thing:Run {id: parent})-[:HAS_STEP]->(item:Step)
WITH item, item.rank AS rank, '' AS slot, '' AS role
