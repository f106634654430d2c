// Projects by their names.
UNWIND $ids AS id
MATCH (p:Project {name: id})
RETURN id, p {.*} AS value
