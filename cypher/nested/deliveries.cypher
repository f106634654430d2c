MATCH (item:Delivery {webhook: parent})
WITH item, item.seq AS rank, '' AS slot, '' AS role
