MATCH (:Thing:Version {id: parent})<-[e:PRODUCED]-(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role
