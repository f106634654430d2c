// The one blob of a project and content: the first writer's key stays, whoever comes later renews its grace.
MERGE (b:Blob {id: $id})
ON CREATE SET b.project = $project, b.digest = $digest, b.size = $size, b.key = $key
SET b.usedAt = $now
RETURN b.key = $key AS created
