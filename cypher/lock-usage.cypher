// The bytes that a project is known to have, under their lock; null when nobody has counted them.
MERGE (u:Usage {id: $project})
SET u.lockedBy = $by
RETURN u.bytes AS bytes
