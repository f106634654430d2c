// What tells this graph from others: made the first time that it is asked for.
MERGE (log:Log {id: 'graph'})
ON CREATE SET log.value = $id
RETURN log.value AS id
