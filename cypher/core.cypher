// name: not-deleted
// Fragment: version /*v*/ is not deleted, or was not yet deleted as of a time.
(/*v*/.state = 'READY' OR /*v*/.deletedAt > $asOf)

// name: existed
// Fragment: what began at /*at*/ exists, or existed as of a time.
($asOf IS NULL OR /*at*/ <= $asOf)

// name: find-entities
// Entities of any type by id.
UNWIND $ids AS id
MATCH (n:Entity {id: id})
RETURN labels(n) AS labels, n {.*} AS properties

// name: find-entity-columns
// Some properties of entities of any type by id: each row has the values of $columns, in their order.
UNWIND $ids AS id
MATCH (n:Entity {id: id})
RETURN labels(n) AS labels, [column IN $columns | n[column]] AS properties

// name: claim-operation
// Locks the operation of a write until the transaction ends, and returns the result of the first attempt that committed, if any.
MERGE (o:Operation {key: $key})
ON CREATE SET o.attempt = $attemptId, o.hash = $hash, o.expiresAt = $expiresAt
SET o.claimedBy = $attemptId
RETURN o.attempt AS attemptId, o.hash AS hash, o.result AS result

// name: finish-operation
// Stores the result of a write and its events, which are Pending until they are numbered.
MATCH (o:Operation {key: $key})
SET o.result = $result
WITH o
UNWIND $events AS event
CREATE (e:Event:Pending)
SET e = event

// name: expire-operations
// Deletes operations that can no longer be retried.
MATCH (o:Operation) WHERE o.expiresAt < $now
WITH o LIMIT $limit
DELETE o
RETURN count(*) AS expired
