MATCH (:Thing:Version {id: parent})<-[:MOVED]-(item:Promotion)
WITH item, item.rank AS rank, '' AS slot, '' AS role
