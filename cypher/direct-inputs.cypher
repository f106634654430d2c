// What a version was made from, and the stage that each is in.
MATCH (v:Thing:Version {id: $version})<-[:PRODUCED]-(:Execution)<-[:CONSUMED_BY]-(i:Version) WHERE i.id <> v.id
WITH DISTINCT i
CALL (i) {
  MATCH (h:Holder {version: i.id})
  RETURN collect(h.stage) AS stages
}
RETURN i.id AS id, i.artifactKey AS artifactKey, stages[0] AS stage
ORDER BY id
