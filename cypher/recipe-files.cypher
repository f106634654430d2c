// The files of versions.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id AS version, f.path AS path, b.digest AS digest, b.size AS size LIMIT $limit
