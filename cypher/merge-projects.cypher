// Creates the projects that are missing.
UNWIND $projects AS row
MERGE (p:Project {name: row.name})
ON CREATE SET p:Thing, p.id = row.id, p.createdAt = $now, p.description = row.description
RETURN p {.*} AS project, p.id = row.id AS created
