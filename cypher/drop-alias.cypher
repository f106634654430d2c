// Takes an alias from its holder, and keeps that in its history. The artifact is locked already.
MATCH (s:Selector {key: $key})-[:POINTS_TO]->(holder:Version)
WITH s, holder.id AS previous, holder.project AS project
DETACH DELETE s
CREATE (:AliasChange {artifactKey: $artifactKey, project: project, alias: $alias, from: previous, to: null,
  actor: $actor, at: $at, rank: $rank})
RETURN previous
