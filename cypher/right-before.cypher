// What stands right before things along the data, as two columns in one row: hundreds of thousands of rows would cost more than what is in them.
UNWIND $ids AS id
MATCH (n:Thing {id: id})<-[:CONSUMED_BY|PRODUCED]-(m)
RETURN collect(m.id) AS froms, collect(id) AS tos
