// Creates the projects that are missing.
UNWIND $projects AS row
MERGE (p:Project {name: row.name})
ON CREATE SET p:Thing, p.id = row.id, p.createdAt = $now, p.description = row.description,
  p.storagePrefix = row.storagePrefix, p.staleAfterSeconds = row.staleAfterSeconds
RETURN p {.*} AS project, p.id = row.id AS created
