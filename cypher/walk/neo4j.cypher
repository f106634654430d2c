// name: walk/entities
// For each walk of a batch the nearest entities, one more than may be shown, and the edges at them when nothing is left out.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH item, rank ORDER BY rank / 2, item:Version, item.id LIMIT $maxNodes
  WITH collect({item: item, rank: rank}) AS found
  UNWIND found AS one
  WITH one.item AS item, one.rank AS rank, size(found) < $maxNodes AS whole
  CALL (item, whole) {
    MATCH (item)/*from*/-[e:CONSUMED_BY|PRODUCED]-/*to*/(other) WHERE whole AND ($asOf IS NULL OR e.at <= $asOf)
    RETURN collect([other.id, type(e), e.slot, e.role]) AS edges
  }
  RETURN item.id AS id, item.project AS project, item.artifactKey AS artifactKey, rank, edges,
    CASE WHEN $columns IS NULL THEN null ELSE [column IN $columns | item[column]] END AS values
}
RETURN i, id, project, artifactKey, rank, edges, values

// name: walk/derived
// For each walk of a batch the nearest versions, or artifacts, one more than may be shown, and what each execution joins when nothing is left out.
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
    ORDER BY rank / 2, key LIMIT $maxNodes
    /*idLookup*/
    RETURN collect({id: id, key: key, project: project, artifactKey: artifactKey, rank: rank}) AS nodes
  }
  CALL (cone, nodes) {
    UNWIND cone AS one
    WITH one.item AS item WHERE size(nodes) < $maxNodes
/*joins*/
  }
  RETURN nodes, joins
}
RETURN i, nodes, joins

// name: walk/levels
// How many nodes each walk of a batch would show at each depth and side.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots
CALL (roots) {
/*cone*/
  WITH /*key*/ AS key, min(rank) AS rank WHERE key IS NOT NULL
  RETURN rank, count(key) AS count
}
RETURN i, rank, count

// name: walk/joins-of-shown
// For each walk of a batch what each execution joins among the versions, or artifacts, that the walk shows.
UNWIND range(0, size($batch) - 1) AS i
WITH i, $batch[i] AS roots, $shown[i] AS shown
CALL (roots, shown) {
/*cone*/
  WITH item WHERE item:Execution OR /*key*/ IN shown
/*joins*/
}
RETURN i, joins

// name: walk/cone
// Fragment: everything that a walk reaches from its roots and shows, with its rank: twice the depth, plus 1 on the upstream side.
  // UNWIND, not IN: Neo4j 5.26 wrongly takes what it reaches from several ids of a unique index as distinct.
  UNWIND roots AS id
  MATCH (root:Entity {id: id})
  CALL (root, roots) {
/*sides*/
  }
  // The shortest of all paths to it; where both sides are as near, downstream (even) comes before upstream (odd).
  WITH item, min((hop + 1) / 2 * 2 + side) AS rank/*shown*/

// name: walk/side
// Fragment: what a walk reaches from a root on one side, each node once, with its distance in hops.
    MATCH p = (root)/*from*/-[:CONSUMED_BY|PRODUCED*0../*hops*/]-/*to*/(n)/*conditions*/
    WITH n, min(length(p)) AS hop/*stopped*/
    RETURN /*reached*/, hop, /*side*/ AS side

// name: walk/stop-nodes
// Fragment: adds the nodes at which a walk stops. Its paths never enter them, so one more hop from what it reached finds them.

    CALL (n, hop, roots) {
      RETURN n AS item, hop AS at
      UNION ALL
      MATCH (n)/*from*/-[e:CONSUMED_BY|PRODUCED]-/*to*/(item)
      WHERE hop < /*hops*/ AND NOT item.id IN roots AND /*stops*/ AND ($asOf IS NULL OR e.at <= $asOf)
      RETURN item, hop + 1 AS at
    }
    WITH item, min(at) AS hop

// name: walk/joins
// Fragment: for each execution among the items, the keys of its inputs and outputs among them.
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
    // Grouping by execution also tells whether the walk reached it; a lookup in a list of all reached nodes would search it again and again.
    WITH x, collect(DISTINCT input) AS inputs, collect(DISTINCT output) AS outputs, max(reached) AS reached
    WHERE reached AND size(inputs) > 0 AND size(outputs) > 0
    RETURN collect({inputs: inputs, outputs: outputs}) AS joins
