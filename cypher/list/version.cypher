// One page of versions that a filter keeps, in order, with the keys that they are ordered by. All have a createdAt: saying so lets an index give the order.
MATCH (item:Version)/*anchors*/
WHERE item.createdAt IS NOT NULL AND /*where*/
/*joins*/
// Ordered before it is projected: behind the projection no index gives the order, and every item would be read whole.
WITH * ORDER BY /*order*/ LIMIT $limit
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/
