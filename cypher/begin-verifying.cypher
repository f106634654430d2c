// Claims an upload for being read back: an open one, or one whose reader fell silent. No row for any other.
MATCH (u:Thing:Upload {id: $id})
SET u.lockedBy = $by
WITH u WHERE u.state = 'OPEN' OR (u.state = 'VERIFYING' AND u.beatAt < $silent)
SET u.state = 'VERIFYING', u.reader = $by, u.beatAt = $now
RETURN u {.*} AS upload
