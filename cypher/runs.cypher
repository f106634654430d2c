// name: update-execution
// A locked execution with its changed properties and tags; tags of others stay.
MATCH (x:Entity:Execution {id: $id})
SET x += $changes
WITH x
CALL (x) {
  UNWIND $removeTags AS name
  MATCH (x)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (x)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (x) {
  UNWIND $addTags AS name
  MERGE (x)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = x.project, t.at = $at
}
CALL (x) {
  UNWIND $dropLeaves AS relation
  MATCH (x)-[e:HAS_METADATA|HAS_PARAMETER]->(m:Metadata) WHERE type(e) = relation
  DETACH DELETE m
}
CALL (x) {
  UNWIND $leaves.metadata AS leaf
  CREATE (x)-[:HAS_METADATA]->(m:Metadata)
  SET m = leaf
}
CALL (x) {
  UNWIND $leaves.parameters AS leaf
  CREATE (x)-[:HAS_PARAMETER]->(m:Metadata)
  SET m = leaf
}
RETURN x {.*} AS execution

// name: find-metric-chunks
// The stretches of metrics that points of these ranks fall in, with how many points each metric has and its newest one.
UNWIND $series AS row
MATCH (s:MetricSeries {id: row.id})
MATCH (c:MetricChunk {series: row.id})
WHERE c.from <= row.last AND c.until > row.first
  AND any(rank IN row.ranks WHERE c.from <= rank + '~' AND c.until > rank)
RETURN s.id AS series, s.count AS count, s.newest AS newest, c.from AS from, c.until AS until, c.points AS points

// name: log-metrics
// A locked execution with the newest values of its metrics, their leaves for filters, and the stretches of points that changed.
MATCH (x:Entity:Execution {id: $id})
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

// name: count-metrics
// How many points metrics have.
UNWIND $series AS id
MATCH (s:MetricSeries {id: id})
RETURN s.id AS series, s.count AS count

// name: find-silent-runs
// Running runs that nobody reported on for as long as their project allows.
MATCH (p:Project) WHERE p.staleAfterSeconds IS NOT NULL
MATCH (r:Run {project: p.name, status: 'RUNNING'}) WHERE r.heartbeatAt < $now - p.staleAfterSeconds * 1000
RETURN r.id AS id LIMIT $limit

// name: mark-runs-stale
// Of these runs, those that are still silent under their lock become stale.
UNWIND $ids AS id
MATCH (r:Entity:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
MATCH (p:Project {name: r.project})
WHERE r.status = 'RUNNING' AND r.heartbeatAt < $now - p.staleAfterSeconds * 1000
SET r.status = 'STALE', r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN r {.*} AS run, r.clock AS at

// name: create-step
// A step of a run that is locked already.
UNWIND [$step.run] AS run
MATCH (r:Entity:Run {id: run})
CREATE (s:Entity:Execution:Step)
SET s = $step
CREATE (r)-[:HAS_STEP]->(s)
FOREACH (tag IN $tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: $step.project, at: $step.createdAt}))
FOREACH (leaf IN $leaves.metadata | CREATE (s)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.parameters | CREATE (s)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.metrics | CREATE (s)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
RETURN s.id AS id

// name: page-metric-history
// The stretches of metrics from a rank on, in their order.
UNWIND $series AS id
CALL (id) {
  MATCH (c:MetricChunk {series: id}) WHERE $cursor IS NULL OR c./*afterCursor*/ $cursor
  RETURN c.from AS from, c.points AS points
  ORDER BY c.series /*direction*/, c.from /*direction*/ LIMIT $limit
}
RETURN id AS series, from, points
