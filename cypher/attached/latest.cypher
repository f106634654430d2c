// The newest version of artifacts that is there, or was at a time, by the artifact's key.
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Version {artifactKey: id}) WHERE v.number > 0
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN id, v {.*} AS value
