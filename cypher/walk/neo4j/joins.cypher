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
