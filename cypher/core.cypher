// name: find-entities
// Things by id, whatever they are.
UNWIND $ids AS id
MATCH (n:Entity {id: id})
RETURN labels(n) AS labels, n {.*} AS properties

// name: find-entity-columns
// Some properties of things by id, whatever they are: each row holds those of $columns in their order.
UNWIND $ids AS id
MATCH (n:Entity {id: id})
RETURN labels(n) AS labels, [column IN $columns | n[column]] AS properties

// name: expire-operations
// Forgets operations that nobody can still retry.
MATCH (o:Operation) WHERE o.expiresAt < $now
WITH o LIMIT $limit
DELETE o
RETURN count(*) AS forgotten

// name: claim-operation
// Whether this write was done before: the operation's row is locked until the transaction ends, and holds the result of the first one that committed.
MERGE (o:Operation {key: $key})
ON CREATE SET o.attempt = $attempt, o.hash = $hash, o.expiresAt = $expiresAt
SET o.claimedBy = $attempt
RETURN o.attempt AS attempt, o.hash AS hash, o.result AS result

// name: finish-operation
// What the write gave, and the events that tell of it: Pending until they are numbered.
MATCH (o:Operation {key: $key})
SET o.result = $result
WITH o
UNWIND $events AS event
CREATE (e:Event:Pending)
SET e = event
