// The aliases of artifacts with the versions that hold them, by the artifact's key.
UNWIND $ids AS id
MATCH (v:Version {artifactKey: id})<-[:POINTS_TO]-(s:Selector) WHERE s.fixed = false
RETURN id, {alias: s.name, version: v {.*}} AS value
