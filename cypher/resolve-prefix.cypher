// The versions whose id begins so; one more than can be listed, to know that there are more.
UNWIND $references AS ref
CALL (ref) {
  MATCH (v:Thing:Version) WHERE v.id STARTS WITH ref.prefix AND (ref.projects IS NULL OR v.project IN ref.projects)
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v ORDER BY v.id LIMIT 11
}
RETURN ref.key AS key, v {.*} AS version
