MATCH (item:Version {artifactKey: parent}) WHERE item.number > 0 AND (item.state = 'READY' OR item.deletedAt > $asOf)
WITH item, item.createdAt AS at, -item.number AS rank, '' AS slot, '' AS role
