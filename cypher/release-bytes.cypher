// Takes swept bytes from what projects are known to have; those that nobody counted have none to take from.
UNWIND $released AS row
MATCH (u:Usage {id: row.project})
SET u.lockedBy = $by
WITH u, row, u.bytes AS bytes
SET u.bytes = bytes - row.bytes
