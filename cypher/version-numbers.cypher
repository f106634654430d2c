// The numbers of versions.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
RETURN id, v.number AS number
