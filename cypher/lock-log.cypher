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
