// Forgets deliveries of long ago, a batch at a time.
MATCH (d:Delivery) WHERE d.at < $before
WITH d LIMIT $limit
DETACH DELETE d
RETURN count(*) AS forgotten
