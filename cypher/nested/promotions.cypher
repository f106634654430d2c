MATCH (:Thing:Version {id: parent})<-[:MOVED]-(item:Promotion)
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role
