// What each execution joins of the versions, or artifacts, that each of many walks shows.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots, $kept[i] AS kept
CALL (roots, kept) {
/*cone*/
  WITH item WHERE item:Execution OR /*key*/ IN kept
/*joins*/
}
RETURN i, joins
