// The bytes of a failed upload are gone.
MATCH (u:Thing:Upload {id: $id, state: 'FAILED'})
SET u.dropped = true
