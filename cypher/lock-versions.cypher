// Versions, locked until the transaction ends, with the state that they are in under the lock.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})
SET v.lockedBy = $by
RETURN id, v.state AS state
