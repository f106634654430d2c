// Versions by their ids, now or, with a time, those that were there then. Most references are ids: resolve-references would look for every other form too.
UNWIND $references AS ref
MATCH (v:Thing:Version {id: ref.id}) WHERE $asOf IS NULL OR v.createdAt <= $asOf
RETURN ref.key AS key, v {.*} AS version
