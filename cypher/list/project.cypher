// One page of projects that a filter keeps, in order, with the keys that they are ordered by.
MATCH (item:Project)/*anchors*/ WHERE /*where*/
/*joins*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
