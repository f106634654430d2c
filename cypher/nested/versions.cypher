MATCH (item:Version {artifactKey: parent}) WHERE item.number > 0 AND item.state = 'READY'
WITH item, -item.number AS rank, '' AS slot, '' AS role
