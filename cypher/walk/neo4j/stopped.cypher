
    // What the walk doesn't go past it never enters: one more hop finds it.
    CALL (n, hop, roots) {
      RETURN n AS item, hop AS at
      UNION ALL
      MATCH (n)/*from*/-[e:CONSUMED_BY|PRODUCED]-/*to*/(item)
      WHERE hop < /*hops*/ AND NOT item.id IN roots AND /*stops*/ AND ($asOf IS NULL OR e.at <= $asOf)
      RETURN item, hop + 1 AS at
    }
    WITH item, min(at) AS hop
