// One page of a relation for each parent; each item once a parent, in the order of its rank.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND ($asOf IS NULL OR at <= $asOf)
    AND ($cursor IS NULL OR rank /*beyond*/ $cursor)
  RETURN item, rank, slot, role
  ORDER BY rank /*direction*/ LIMIT $limit
}
RETURN parent, rank, slot, role, item {.*} AS item
