// Versions by their ids, now or, with a time, those that were there then: most references are ids, and need none of the other forms' looks.
UNWIND $references AS ref
MATCH (v:Thing:Version {id: ref.id}) WHERE $asOf IS NULL OR v.createdAt <= $asOf
RETURN ref.key AS key, v {.*} AS version
