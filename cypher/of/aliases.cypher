// The aliases that point to versions.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})<-[:POINTS_TO]-(s:Selector) WHERE s.fixed = false
RETURN id, s.name AS value
