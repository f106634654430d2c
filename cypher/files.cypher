// name: find-files
// Files of versions by their paths, which are the keys of `paths`, with where their bytes are.
UNWIND $versions AS asked
MATCH (v:Entity:Version {id: asked.id})-[f:HAS_FILE]->(b:Blob) WHERE asked.paths[f.path]
RETURN v.id AS id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS file

// name: find-recipe-files
// The files of versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id AS version, f.path AS path, b.digest AS digest, b.size AS size LIMIT $limit
