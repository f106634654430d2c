// The labels of versions.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[:HAS_LABEL]->(l:Label)
RETURN id, {key: l.key, value: l.value} AS value
