// A version's metadata.
MATCH (v:Thing:Version {id: $id})
RETURN v.metadata AS metadata
