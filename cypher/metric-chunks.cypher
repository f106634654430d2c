// The stretches of metrics that points of these ranks fall in, with how many points each metric has and its newest one.
UNWIND $series AS row
MATCH (s:MetricSeries {id: row.id})
MATCH (c:MetricChunk {series: row.id})
WHERE c.from <= row.last AND c.until > row.first
  AND any(rank IN row.ranks WHERE c.from <= rank + '~' AND c.until > rank)
RETURN s.id AS series, s.count AS count, s.newest AS newest, c.from AS from, c.until AS until, c.points AS points
