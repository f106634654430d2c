// For each of many walks the nearest versions, or artifacts, that it reaches, one more than may be shown; and, when nothing is left out, what
// each execution joins.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH collect({item: item, rank: rank}) AS cone
  CALL (cone) {
    UNWIND cone AS one
    WITH one.item AS item, one.rank AS rank WHERE item:Version
    WITH /*key*/ AS key, min(item.project) AS project, min(item.artifactKey) AS artifactKey,
      min(rank) AS rank
    ORDER BY rank / 2, key LIMIT $most
    /*named*/
    RETURN collect({id: id, key: key, project: project, artifactKey: artifactKey, rank: rank}) AS nodes
  }
  CALL (cone, nodes) {
    UNWIND cone AS one
    WITH one.item AS item WHERE size(nodes) < $most
/*joins*/
  }
  RETURN nodes, joins
}
RETURN i, nodes, joins
