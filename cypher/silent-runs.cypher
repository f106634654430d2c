// Running runs that nobody reported on for as long as their project allows.
MATCH (p:Project) WHERE p.staleAfterSeconds IS NOT NULL
MATCH (r:Run {project: p.name, status: 'RUNNING'}) WHERE r.heartbeatAt < $now - p.staleAfterSeconds * 1000
RETURN r.id AS id LIMIT $limit
