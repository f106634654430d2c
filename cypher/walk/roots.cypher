// The versions that a walk starts from.
UNWIND $roots AS id
MATCH (n:Thing:Version {id: id})
RETURN n.id AS id, labels(n) AS labels, n.project AS project, n.artifactKey AS artifactKey
