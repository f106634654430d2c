// One page of runs that a filter keeps, in order, with the keys that they are ordered by.
MATCH (item:Run) WHERE /*where*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
