// What holds versions against deletion: their aliases and stage, versions that are there and were made from them, and
// those that are not there any more, behind which others may be.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
CALL (v) {
  MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
  RETURN collect(DISTINCT s.name) AS aliases
}
CALL (v) {
  MATCH (h:Holder {version: v.id})
  RETURN collect(h.stage) AS stages
}
CALL (v) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
  RETURN collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
    collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
}
RETURN v.id AS id, aliases, stages[0] AS stage, descendants, buried
