// The execution that counts as the producer of versions: the first that completed, else the first.
UNWIND $ids AS id
CALL (id) {
  MATCH (:Thing:Version {id: id})<-[e:PRODUCED]-(x:Execution)
  WHERE $projects IS NULL OR x.project IN $projects
  RETURN x, CASE WHEN x.status = 'COMPLETED' THEN 0 ELSE 1 END AS place, e.rank AS rank
  ORDER BY place, rank LIMIT 1
}
RETURN id, x {.*} AS value
