// The one blob of a project and content: the first writer's key stays, whoever comes later renews its grace. Content that was swept
// begins anew under the new key.
MERGE (b:Blob {id: $id})
ON CREATE SET b.project = $project, b.digest = $digest, b.size = $size, b.key = $key
SET b.usedAt = $now
WITH b, b.key AS present, b.sweptAt AS sweptAt
SET b.key = CASE WHEN sweptAt IS NULL THEN present ELSE $key END, b.sweptAt = null, b.removedAt = null
RETURN b.key = $key AS created
