// Files of versions, for downloads and for RO-Crates.

// name: find-files-by-path
// Files of versions by path, with the keys of their bytes. `paths` is a map with the paths as its keys.
UNWIND $versions AS row
MATCH (v:Entity:Version {id: row.id})-[f:HAS_FILE]->(b:Blob) WHERE row.paths[f.path]
RETURN v.id AS id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS file

// name: find-files-of-versions
// The files of several versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id AS version, f.path AS path, b.digest AS digest, b.size AS size LIMIT $limit
