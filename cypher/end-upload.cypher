// An upload comes to its end: read back by `by`, or, where that is null, not being read back. No row when it isn't so.
MATCH (u:Thing:Upload {id: $id})
SET u.lockedBy = $attempt
WITH u WHERE (u.state = 'VERIFYING' AND u.reader = $by) OR ($by IS NULL AND u.state IN ['OPEN', 'FAILED'])
SET u.state = $state, u.digest = coalesce($digest, u.digest), u.error = $error, u.expiresAt = $expiresAt
RETURN u {.*} AS upload
