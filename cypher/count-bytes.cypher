// The bytes of a project's contents.
MATCH (b:Blob {project: $project}) WHERE b.sweptAt IS NULL
RETURN coalesce(sum(b.size), 0) AS bytes
