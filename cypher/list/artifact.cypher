// One page of artifacts that a filter keeps, in order, with the keys that they are ordered by. All have a createdAt: saying so lets an index give the order.
MATCH (item:Artifact)/*anchors*/
WHERE item.createdAt IS NOT NULL AND item.deletedAt IS NULL AND /*where*/
/*joins*/
// Ordered before it is projected: behind the projection no index gives the order, and every item would be read whole.
WITH * ORDER BY /*order*/ LIMIT $limit
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/
