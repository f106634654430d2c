// What holds versions against deletion: their aliases, and versions that are there and were made from them.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
OPTIONAL MATCH (v)<-[:POINTS_TO]-(s:Selector {fixed: false})
WITH v, collect(DISTINCT s.name) AS aliases
OPTIONAL MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version {state: 'READY'}) WHERE d.id <> v.id
RETURN v.id AS id, aliases, collect(DISTINCT d.id) AS descendants
