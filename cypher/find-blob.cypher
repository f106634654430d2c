// One content of a project.
MATCH (b:Blob {id: $id})
RETURN b.digest AS path, b.digest AS digest, b.size AS size, b.key AS key
