// name: read-events
// The events after a place in the log that are kept, as many as fit, and where the log begins and ends. By number, one by one: the numbers are gapless, and both engines find them by their index.
MATCH (log:Log {id: 'events'})
WITH coalesce(log.first, 1) AS first, log.seq AS last
CALL (first, last) {
  UNWIND range(
    CASE WHEN $after + 1 > first THEN $after + 1 ELSE first END,
    CASE WHEN $after + $limit < last THEN $after + $limit ELSE last END
  ) AS seq
  MATCH (e:Event {seq: seq})
  RETURN collect(e {.*}) AS events
}
RETURN first, last, events

// name: number-events
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

// name: lock-log
// The log locked until the transaction ends, and the times of its oldest events.
MATCH (log:Log {id: 'events'})
SET log.lockedBy = $by
WITH coalesce(log.first, 1) AS first, log.seq AS last
CALL (first, last) {
  UNWIND range(first, CASE WHEN first + $limit - 1 < last THEN first + $limit - 1 ELSE last END) AS seq
  MATCH (e:Event {seq: seq})
  RETURN collect(e {.seq, .at}) AS events
}
RETURN first, events

// name: trim-log
// Forgets the oldest events; the log is locked already.
MATCH (log:Log {id: 'events'})
SET log.first = $first
WITH log
UNWIND $seqs AS seq
MATCH (e:Event {seq: seq})
DETACH DELETE e
