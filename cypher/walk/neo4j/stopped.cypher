
    // What the walk doesn't go past it never enters: one more hop finds it.
    CALL (n, hop, roots) {
      RETURN n AS item, hop AS at
      UNION ALL
      MATCH (n)/*from*/-[:CONSUMED_BY|PRODUCED]-/*to*/(item)
      WHERE hop < /*hops*/ AND NOT item.id IN roots AND /*stops*/
      RETURN item, hop + 1 AS at
    }
    WITH item, min(at) AS hop
