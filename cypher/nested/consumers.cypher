MATCH (:Thing:Version {id: parent})-[e:CONSUMED_BY]->(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role
