// Runs and steps: starting, updating and ending them, marking silent runs, and the metrics that are logged while they run.

// name: create-step
// Creates a step of a run. The run is locked.
UNWIND [$step.run] AS run
MATCH (r:Entity:Run {id: run})
CREATE (s:Entity:Execution:Step)
SET s = $step
CREATE (r)-[:HAS_STEP]->(s)
/*use add-execution-details n=s properties=$step tags=$tags leaves=$leaves*/
RETURN s.id AS id

// name: update-execution
// Changes properties and tags of a run or step, and replaces its leaves of the relations in $dropLeaves. The execution is locked.
MATCH (x:Entity:Execution {id: $id})
SET x += $changes
WITH x
/*use change-tags n=x*/
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

// name: find-silent-runs
// Running runs without any call about them for longer than their project's limit.
MATCH (p:Project) WHERE p.staleAfterSeconds IS NOT NULL
MATCH (r:Run {project: p.name, status: 'RUNNING'}) WHERE r.heartbeatAt < $now - p.staleAfterSeconds * 1000
RETURN r.id AS id LIMIT $limit

// name: mark-runs-stale
// Locks these runs, and marks those stale that are still running and silent.
UNWIND $ids AS id
MATCH (r:Entity:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
MATCH (p:Project {name: r.project})
WHERE r.status = 'RUNNING' AND r.heartbeatAt < $now - p.staleAfterSeconds * 1000
SET r.status = 'STALE', r.clock = /*use next-clock*/
RETURN r {.*} AS run, r.clock AS at

// name: find-metric-chunks
// The chunks of metrics that hold points of these ranks, with how many points each metric has and its newest one.
UNWIND $series AS row
MATCH (s:MetricSeries {id: row.id})
MATCH (c:MetricChunk {series: row.id})
WHERE c.from <= row.last AND c.until > row.first
  AND any(rank IN row.ranks WHERE c.from <= rank + '~' AND c.until > rank)
RETURN s.id AS series, s.count AS count, s.newest AS newest, c.from AS from, c.until AS until, c.points AS points

// name: log-metrics
// Stores the newest values of an execution's metrics, their leaves for filters, and the chunks that changed. The execution is locked.
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

// name: page-metric-history
// The chunks of metrics from a rank on, in order.
UNWIND $series AS id
CALL (id) {
  MATCH (c:MetricChunk {series: id}) WHERE $cursor IS NULL OR c./*afterCursor*/ $cursor
  RETURN c.from AS from, c.points AS points
  ORDER BY c.series /*direction*/, c.from /*direction*/ LIMIT $limit
}
RETURN id AS series, from, points

// name: count-metrics
// The number of points of each metric.
UNWIND $series AS id
MATCH (s:MetricSeries {id: id})
RETURN s.id AS series, s.count AS count
