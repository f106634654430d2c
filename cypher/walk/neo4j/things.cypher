// For each of many walks the nearest things that it reaches, one more than may be shown; with the edges at them when nothing is left out.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH item, rank ORDER BY rank / 2, item:Version, item.id LIMIT $most
  WITH collect({item: item, rank: rank}) AS found
  UNWIND found AS one
  WITH one.item AS item, one.rank AS rank, size(found) < $most AS whole
  CALL (item, whole) {
    MATCH (item)/*from*/-[e:CONSUMED_BY|PRODUCED]-/*to*/(other) WHERE whole AND ($asOf IS NULL OR e.at <= $asOf)
    RETURN collect([other.id, type(e), e.slot, e.role]) AS edges
  }
  RETURN item.id AS id, item.project AS project, item.artifactKey AS artifactKey, rank, edges,
    CASE WHEN $columns IS NULL THEN null ELSE [column IN $columns | item[column]] END AS values
}
RETURN i, id, project, artifactKey, rank, edges, values
