// Artifacts by their keys.
UNWIND $ids AS id
MATCH (a:Artifact {key: id})
RETURN id, a {.*} AS value
