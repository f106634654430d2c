// Leaves tombstones of versions, or takes only their bytes; aliases go, and their going is kept. The artifacts are locked already.
UNWIND $versions AS row
MATCH (v:Thing:Version {id: row.id})
SET v += row.changes
WITH v, row
CALL (v, row) {
  UNWIND row.aliases AS alias
  MATCH (v)<-[held:POINTS_TO]-(s:Selector {name: alias.name, fixed: false})
  WITH v, row, alias, s, s.key AS key, held.at AS since
  DETACH DELETE s
  CREATE (:AliasChange {key: key, artifactKey: v.artifactKey, project: v.project, alias: alias.name, from: v.id, since: since,
    to: null, actor: $actor, at: row.at, rank: alias.rank})
}
WITH v, row
MATCH (a:Artifact {key: v.artifactKey})
SET a.updatedAt = row.at
RETURN v {.*} AS version
