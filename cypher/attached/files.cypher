// The files of versions, with where their bytes are.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS value
