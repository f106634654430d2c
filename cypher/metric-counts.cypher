// How many points metrics have.
UNWIND $series AS id
MATCH (s:MetricSeries {id: id})
RETURN s.id AS series, s.count AS count
