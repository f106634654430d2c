// Whether this write was done before: the operation's row is locked until the transaction ends, and holds the result of the first one that committed.
MERGE (o:Operation {key: $key})
ON CREATE SET o.attempt = $attempt, o.hash = $hash, o.expiresAt = $expiresAt
SET o.claimedBy = $attempt
RETURN o.attempt AS attempt, o.hash AS hash, o.result AS result
