// The versions of an artifact that are there.
UNWIND [$key] AS key
MATCH (v:Version {artifactKey: key}) WHERE v.number > 0 AND v.state = 'READY'
RETURN v {.*} AS version
ORDER BY v.number
