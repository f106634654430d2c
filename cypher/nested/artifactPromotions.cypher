MATCH (item:Promotion {artifactKey: parent})
WITH item, item.rank AS rank, '' AS slot, '' AS role
