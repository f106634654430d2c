// One page of the log that a filter keeps, oldest first.
MATCH (item:Event)
WHERE item.seq > $after AND item.seq <= $last AND /*where*/
WITH item ORDER BY item.seq LIMIT $limit
RETURN item {.*} AS event
ORDER BY event.seq
