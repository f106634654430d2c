// The versions that a walk starts from.
UNWIND $ids AS id
MATCH (n:Thing:Version {id: id})
RETURN n.id AS id, n.project AS project, n.artifactKey AS artifactKey
