// What holds versions against deletion: their aliases and stage, versions that are there and were made from them, and
// those that are not there any more, behind which others may be.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
OPTIONAL MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
WITH v, collect(DISTINCT s.name) AS aliases
OPTIONAL MATCH (h:Holder {version: v.id})
WITH v, aliases, h.stage AS stage
OPTIONAL MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version) WHERE d.id <> v.id
WITH v, aliases, stage, collect(DISTINCT CASE WHEN d.state = 'READY' THEN d.id END) AS descendants,
  collect(DISTINCT CASE WHEN d.state = 'DELETED' THEN d.id END) AS buried
RETURN v.id AS id, aliases, stage, descendants, buried
