// A locked execution with the newest values of its metrics, their leaves for filters, and the stretches of points that changed.
MATCH (x:Thing:Execution {id: $id})
SET x.metrics = $metrics
WITH x
CALL (x) {
  MATCH (x)-[:HAS_METRIC]->(m:Metadata) WHERE m.key IN $dropLeaves
  DETACH DELETE m
}
CALL (x) {
  UNWIND $leaves AS leaf
  CREATE (x)-[:HAS_METRIC]->(m:Metadata)
  SET m = leaf
}
CALL (x) {
  UNWIND $series AS row
  MERGE (s:MetricSeries {id: row.id})
  SET s.project = x.project, s.count = row.count, s.newest = row.newest
}
CALL (x) {
  UNWIND $chunks AS row
  MERGE (c:MetricChunk {id: row.id})
  SET c.project = x.project, c.series = row.series, c.from = row.from, c.until = row.until, c.points = row.points
}
RETURN x.id AS id
