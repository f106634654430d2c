// Takes an alias from its holder, and keeps that in its history. The artifact is locked already.
MATCH (s:Selector {key: $key})-[held:POINTS_TO]->(holder:Version)
WITH s, holder.id AS previous, holder.project AS project, held.at AS since
DETACH DELETE s
CREATE (:AliasChange {key: $key, artifactKey: $artifactKey, project: project, alias: $alias, from: previous, since: since,
  to: null, actor: $actor, at: $at, rank: $rank})
RETURN previous
