// What stands right before things along the data.
UNWIND $ids AS id
MATCH (n:Thing {id: id})<-[:CONSUMED_BY|PRODUCED]-(m)
RETURN id, collect(DISTINCT m.id) AS before
