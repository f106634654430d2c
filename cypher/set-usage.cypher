// The bytes that a project has from now on; its usage is locked.
MATCH (u:Usage {id: $project})
SET u.bytes = $bytes
