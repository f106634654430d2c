MATCH (:Thing:Execution {id: parent})-[e:PRODUCED]->(item:Version)
WITH item, e.rank AS rank, e.slot AS slot, e.role AS role
