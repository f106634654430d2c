// One file of a version by its path, with where its bytes are.
MATCH (v:Thing:Version {id: $id})-[f:HAS_FILE]->(b:Blob) WHERE f.path = $path
RETURN f.path AS path, b.digest AS digest, b.size AS size, b.key AS key
