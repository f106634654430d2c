// Contents of projects by their ids.
UNWIND $ids AS id
MATCH (b:Blob {id: id}) WHERE b.sweptAt IS NULL
RETURN id, {path: b.digest, digest: b.digest, size: b.size, key: b.key} AS blob
