// Forgets operations that nobody can still retry.
MATCH (o:Operation) WHERE o.expiresAt < $now
WITH o LIMIT $limit
DELETE o
RETURN count(*) AS forgotten
