// Uploads that wait for something: failed ones whose bytes are still there, and those whose reader fell silent.
MATCH (u:Upload) WHERE (u.state = 'FAILED' AND NOT u.dropped) OR (u.state = 'VERIFYING' AND u.beatAt < $silent)
RETURN u {.*} AS upload
LIMIT $limit
