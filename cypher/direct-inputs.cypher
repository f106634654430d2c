// What a version was made from, and the stage that each is in.
MATCH (v:Thing:Version {id: $version})<-[:PRODUCED]-(:Execution)<-[:CONSUMED_BY]-(i:Version) WHERE i.id <> v.id
WITH DISTINCT i
OPTIONAL MATCH (h:Holder {version: i.id})
RETURN i.id AS id, i.artifactKey AS artifactKey, h.stage AS stage
ORDER BY id
