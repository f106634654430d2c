// One content of a project.
MATCH (b:Blob {id: $id}) WHERE b.sweptAt IS NULL
RETURN b.digest AS path, b.digest AS digest, b.size AS size, b.key AS key
