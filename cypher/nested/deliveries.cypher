MATCH (item:Delivery {webhook: parent})
WITH item, 0 AS at, item.seq AS rank, '' AS slot, '' AS role
