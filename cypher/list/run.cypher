// One page of runs that a filter keeps, in order, with the keys that they are ordered by. All have a createdAt: saying so lets an index give the order.
MATCH (item:Run)/*anchors*/ WHERE item.createdAt IS NOT NULL AND /*where*/
/*joins*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
