// Sets the clock of a run that is locked already to a time ahead of it.
MATCH (r:Thing:Run {id: $id})
SET r.clock = $at
