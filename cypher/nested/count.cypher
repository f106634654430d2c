// How many a relation has for each parent.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects)
  RETURN count(*) AS count
}
RETURN parent, count
