// Forgets the oldest events; the log is locked already.
MATCH (log:Log {id: 'events'})
SET log.first = $first
WITH log
UNWIND $seqs AS seq
MATCH (e:Event {seq: seq})
DETACH DELETE e
