// name: greatest-numbers
// The greatest number among some versions, for each artifact.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
RETURN v.artifactKey AS key, max(v.number) AS number
