// Files of versions by their paths, which are the keys of `paths`, with where their bytes are.
UNWIND $versions AS asked
MATCH (v:Thing:Version {id: asked.id})-[f:HAS_FILE]->(b:Blob) WHERE asked.paths[f.path]
RETURN v.id AS id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS file
