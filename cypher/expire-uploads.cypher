// Uploads whose time is over: open ones fail, ended ones are forgotten once their bytes are dropped.
MATCH (u:Upload) WHERE u.expiresAt < $now AND u.state <> 'VERIFYING'
SET u.lockedBy = $by
WITH u, u.state AS state, u.dropped AS dropped
FOREACH (_ IN CASE WHEN state = 'OPEN' THEN [1] ELSE [] END |
  SET u.state = 'FAILED', u.error = $error, u.expiresAt = $forgetAt)
WITH u, state, dropped WHERE state = 'COMPLETE' OR (state = 'FAILED' AND dropped)
DETACH DELETE u
