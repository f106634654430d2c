MATCH (item:AliasChange {artifactKey: parent}) WHERE $alias IS NULL OR item.alias = $alias
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role
