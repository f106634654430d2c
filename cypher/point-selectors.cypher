// Points version names and aliases to versions, keeps the history of aliases, and says who held them; whether that is allowed is for the
// caller to see before it commits. The artifacts are locked already.
UNWIND $selectors AS row
MATCH (v:Thing:Version {id: row.version})
MERGE (s:Selector {key: row.key})
ON CREATE SET s.artifactKey = row.artifactKey, s.name = row.name, s.fixed = row.fixed
WITH s, v, row
CALL (s) {
  MATCH (s)-[held:POINTS_TO]->(holder:Version)
  RETURN collect(holder.id) AS ids, collect(holder.number) AS numbers, collect(held.at) AS times
}
WITH s, v, row, s.fixed AS taken, ids[0] AS previous, numbers[0] AS previousNumber, times[0] AS since
CALL (s) {
  MATCH (s)-[held:POINTS_TO]->()
  DELETE held
}
CREATE (s)-[:POINTS_TO {at: CASE WHEN previous = row.version THEN since ELSE row.at END}]->(v)
FOREACH (moved IN CASE WHEN row.fixed OR previous = row.version THEN [] ELSE [row] END |
  CREATE (:AliasChange {key: moved.key, artifactKey: moved.artifactKey, project: moved.project, alias: moved.name, from: previous,
    since: since, to: moved.version, actor: $actor, at: moved.at, rank: moved.rank}))
RETURN row.key AS key, row.version AS version, taken, previous, previousNumber
