MATCH (item:Promotion {artifactKey: parent})
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role
