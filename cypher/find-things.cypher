// Things by id, whatever they are.
UNWIND $ids AS id
MATCH (n:Thing {id: id})
RETURN labels(n) AS labels, n {.*} AS properties
