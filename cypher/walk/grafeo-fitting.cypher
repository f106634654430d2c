// Which of these things a condition holds of.
UNWIND $ids AS id
MATCH (item:Thing {id: id})
WHERE /*condition*/
RETURN item.id AS id
