// One page of artifacts that a filter keeps, in order, with the keys that they are ordered by.
MATCH (item:Artifact)/*anchors*/ WHERE item.deletedAt IS NULL AND /*where*/
/*joins*/
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/ LIMIT $limit
