// How much each of many walks would show at each depth and side.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH /*key*/ AS key, min(rank) AS rank WHERE key IS NOT NULL
  RETURN rank, count(key) AS count
}
RETURN i, rank, count
