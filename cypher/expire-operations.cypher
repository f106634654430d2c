// Forgets operations that nobody can still retry.
MATCH (o:Operation) WHERE o.expiresAt < $now
WITH o LIMIT 1000
DELETE o
RETURN count(*) AS forgotten
