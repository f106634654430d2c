// Some properties of things by id, whatever they are: each row holds those of $columns in their order.
UNWIND $ids AS id
MATCH (n:Thing {id: id})
RETURN labels(n) AS labels, [column IN $columns | n[column]] AS properties
