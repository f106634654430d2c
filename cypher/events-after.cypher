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
