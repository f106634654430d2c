// Numbers the events that have committed, in the order of their times; the log's lock lets one replica do it at a time.
MERGE (log:Log {id: 'events'})
ON CREATE SET log.seq = 0, log.first = 1
SET log.lockedBy = $by
WITH log
MATCH (e:Pending)
WITH log, e ORDER BY e.at, e.operation, e.position LIMIT $limit
WITH log, collect(e) AS events
UNWIND range(0, size(events) - 1) AS i
WITH log, i, events[i] AS e
SET e.seq = log.seq + i + 1
REMOVE e:Pending
WITH log, log.seq AS seq, count(e) AS numbered
SET log.seq = seq + numbered
RETURN numbered, log.seq AS seq
