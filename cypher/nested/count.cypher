// How many a relation has for each parent.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND ($asOf IS NULL OR at <= $asOf)
  RETURN count(*) AS count
}
RETURN parent, count
