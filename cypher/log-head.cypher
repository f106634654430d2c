// Where the log ends.
MATCH (log:Log {id: 'events'})
RETURN log.seq AS seq
