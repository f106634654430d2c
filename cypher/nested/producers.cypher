MATCH (:Thing:Version {id: parent})<-[e:PRODUCED]-(item:Execution)
WITH item, e.rank AS rank, e.slot AS slot, e.role AS role
