// A sign of life of whoever reads an upload back; no row when it is no longer theirs.
MATCH (u:Thing:Upload {id: $id, reader: $by, state: 'VERIFYING'})
SET u.beatAt = $now
RETURN u.id AS id
