// The stretches of metrics from a rank on, in their order.
UNWIND $series AS id
CALL (id) {
  MATCH (c:MetricChunk {series: id}) WHERE $cursor IS NULL OR c./*beyond*/ $cursor
  RETURN c.from AS from, c.points AS points
  ORDER BY c.series /*direction*/, c.from /*direction*/ LIMIT $limit
}
RETURN id AS series, from, points
