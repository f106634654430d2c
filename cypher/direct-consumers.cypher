// The newest few that are there of what was made from a version, by what gates ask of them.
MATCH (v:Thing:Version {id: $version})
UNWIND $gates AS asked
CALL (v, asked) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version)
  WHERE d.state = 'READY' AND d.id <> v.id AND (asked.kind IS NULL OR d.kind = asked.kind)
    AND (asked.tag IS NULL OR EXISTS { MATCH (d)-[:HAS_TAG]->(t:Tag) WHERE t.name = asked.tag })
    AND ($among IS NULL OR d.artifactKey IN $among)
  WITH DISTINCT d
  RETURN d ORDER BY d.createdAt DESC, d.id LIMIT 10
}
RETURN asked.gate AS gate, d.id AS id, d.artifactKey AS artifactKey
