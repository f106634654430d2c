// name: walk/cone
  // UNWIND, not IN: a seek of several ids on a unique index makes 5.26 think that what they reach is distinct by itself.
  UNWIND roots AS id
  MATCH (root:Entity {id: id})
  CALL (root, roots) {
/*sides*/
  }
  // The nearest of all ways to it; where both sides are as near, downstream (even) comes before upstream (odd).
  WITH item, min((hop + 1) / 2 * 2 + side) AS rank/*shown*/

// name: walk/derived
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

// name: walk/joins
    CALL (item) {
      MATCH (item)-[e:CONSUMED_BY]->(x) WHERE $asOf IS NULL OR e.at <= $asOf
      RETURN x, /*key*/ AS input, null AS output, false AS reached
      UNION ALL
      MATCH (item)<-[e:PRODUCED]-(x) WHERE $asOf IS NULL OR e.at <= $asOf
      RETURN x, null AS input, /*key*/ AS output, false AS reached
      UNION ALL
      WITH item WHERE item:Execution
      RETURN item AS x, null AS input, null AS output, true AS reached
    }
    // Grouped by execution, which says by the way whether the walk reached it: a list of all that it reached would be searched over and over.
    WITH x, collect(DISTINCT input) AS inputs, collect(DISTINCT output) AS outputs, max(reached) AS reached
    WHERE reached AND size(inputs) > 0 AND size(outputs) > 0
    RETURN collect({inputs: inputs, outputs: outputs}) AS joins

// name: walk/kept-joins
// What each execution joins of the versions, or artifacts, that each of many walks shows.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots, $kept[i] AS kept
CALL (roots, kept) {
/*cone*/
  WITH item WHERE item:Execution OR /*key*/ IN kept
/*joins*/
}
RETURN i, joins

// name: walk/levels
// How much each of many walks would show at each depth and side.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH /*key*/ AS key, min(rank) AS rank WHERE key IS NOT NULL
  RETURN rank, count(key) AS count
}
RETURN i, rank, count

// name: walk/side
    MATCH p = (root)/*from*/-[:CONSUMED_BY|PRODUCED*0../*hops*/]-/*to*/(n)/*enters*/
    WITH n, min(length(p)) AS hop/*stopped*/
    RETURN /*reached*/, hop, /*side*/ AS side

// name: walk/stopped

    // What the walk doesn't go past it never enters: one more hop finds it.
    CALL (n, hop, roots) {
      RETURN n AS item, hop AS at
      UNION ALL
      MATCH (n)/*from*/-[e:CONSUMED_BY|PRODUCED]-/*to*/(item)
      WHERE hop < /*hops*/ AND NOT item.id IN roots AND /*stops*/ AND ($asOf IS NULL OR e.at <= $asOf)
      RETURN item, hop + 1 AS at
    }
    WITH item, min(at) AS hop

// name: walk/things
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
