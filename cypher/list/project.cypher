// One page of projects that a filter keeps, in order, with the keys that they are ordered by.
MATCH (item:Project)/*anchors*/
WHERE /*where*/
/*joins*/
// Ordered before it is projected: behind the projection no index gives the order, and every item would be read whole.
WITH * ORDER BY /*order*/ LIMIT $limit
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/
