// One page of versions that a filter keeps, in order, with the keys that they are ordered by.
MATCH (item:Version) WHERE /*where*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
