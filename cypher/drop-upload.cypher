// The bytes of a failed upload are gone.
MATCH (u:Thing {id: $id}) WHERE u:Upload AND u.state = 'FAILED'
SET u.dropped = true
