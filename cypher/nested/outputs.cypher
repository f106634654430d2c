MATCH (:Thing:Execution {id: parent})-[e:PRODUCED]->(item:Version)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role
