// One page of artifacts that a filter keeps, in order, with the keys that they are ordered by. All have a createdAt: saying so lets an index give the order.
MATCH (item:Artifact)/*anchors*/ WHERE item.createdAt IS NOT NULL AND item.deletedAt IS NULL AND /*where*/
/*joins*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
