  // UNWIND, not IN: a seek of several ids on a unique index makes 5.26 think that what they reach is distinct by itself.
  UNWIND roots AS id
  MATCH (root:Thing {id: id})
  CALL (root, roots) {
/*sides*/
  }
  // The nearest of all ways to it; where both sides are as near, downstream (even) comes before upstream (odd).
  WITH item, min((hop + 1) / 2 * 2 + side) AS rank/*shown*/
