// A sign of life of whoever reads an upload back; no row when it is no longer theirs.
MATCH (u:Thing {id: $id}) WHERE u:Upload AND u.reader = $by AND u.state = 'VERIFYING'
SET u.beatAt = $now
RETURN u.id AS id
