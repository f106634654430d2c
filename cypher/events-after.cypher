// The events after a place in the log, in order.
MATCH (e:Event) WHERE e.seq > $after AND e.seq <= $after + $limit
RETURN e {.*} AS event
ORDER BY e.seq
