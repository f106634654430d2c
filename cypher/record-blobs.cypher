// The one blob of each project and content: the first writer's key stays, whoever comes later renews its grace. Content that was swept
// begins anew under the new key.
UNWIND $contents AS row
MERGE (b:Blob {id: row.id})
ON CREATE SET b.project = row.project, b.digest = row.digest, b.size = row.size, b.key = row.key
SET b.usedAt = $now
WITH b, row, b.key AS present, b.sweptAt AS sweptAt
SET b.key = CASE WHEN sweptAt IS NULL THEN present ELSE row.key END, b.sweptAt = null, b.removedAt = null
RETURN row.key AS key, b.key = row.key AS created
