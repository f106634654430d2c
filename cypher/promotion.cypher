// Stages: defining them, approving versions for them, and moving versions between them. Holders are nodes of their own: one for each version in
// a stage, under a place (`<artifact key>:<stage>`).

// name: find-stages
// The stages that a project has defined; no row when the project does not exist.
MATCH (p:Project {name: $project})
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages

// name: lock-stages
// Locks a project until the transaction ends, and returns the stages that it has defined: only one transaction at a time may change its stages
// or their holders.
MATCH (p:Project {name: $project})
SET p.lockedBy = $by
WITH p
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages

// name: stages-with-several-holders
// The artifacts that have several versions in a stage.
MATCH (h:Holder {project: $project}) WHERE h.stage = $stage
WITH h.artifactKey AS artifactKey, count(h) AS versions
WHERE versions > 1
RETURN artifactKey, versions
ORDER BY artifactKey LIMIT 100

// name: find-selector-by-name
// A version of a project that has a version name or alias.
UNWIND [$name] AS name
MATCH (s:Selector {name: name})-[:POINTS_TO]->(v:Version) WHERE v.project = $project
RETURN v.key AS key ORDER BY key LIMIT 1

// name: define-stage
// Creates or replaces a stage. The stages of its project are locked.
MERGE (s:Stage {key: $stage.key})
SET s = $stage
RETURN s.key AS key

// name: record-stage-change
// Keeps a change of a stage in its history. The stages of its project are locked.
CREATE (c:StageChange)
SET c = $change
RETURN c.stageKey AS key

// name: find-stage-changes
// The newest changes of stages.
UNWIND $keys AS key
CALL (key) {
  MATCH (c:StageChange {stageKey: key})
  WITH c ORDER BY c.rank DESC LIMIT $limit
  RETURN collect(c {.*}) AS changes
}
RETURN key, changes

// name: save-approval
// Creates or replaces an actor's approval of a version for a stage. The artifact is locked.
MERGE (a:Approval {key: $approval.key})
SET a = $approval
RETURN a.key AS key

// name: find-direct-inputs
// The versions that a version was made from, with the stage that each is in.
MATCH (v:Entity:Version {id: $version})<-[:PRODUCED]-(:Execution)<-[:CONSUMED_BY]-(i:Version) WHERE i.id <> v.id
WITH DISTINCT i
CALL (i) {
  MATCH (h:Holder {version: i.id})
  RETURN collect(h.stage) AS stages
}
RETURN i.id AS id, i.artifactKey AS artifactKey, stages[0] AS stage
ORDER BY id

// name: find-direct-consumers
// For each rule the newest READY versions that were made from a version and have the kind and the tag of the rule; with $artifacts only versions
// of these.
MATCH (v:Entity:Version {id: $version})
UNWIND $consumerRules AS rule
CALL (v, rule) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version)
  WHERE d.state = 'READY' AND d.id <> v.id AND (rule.kind IS NULL OR d.kind = rule.kind)
    AND (rule.tag IS NULL OR EXISTS { MATCH (d)-[:HAS_TAG]->(t:Tag) WHERE t.name = rule.tag })
    AND ($artifacts IS NULL OR d.artifactKey IN $artifacts)
  WITH DISTINCT d
  RETURN d ORDER BY d.createdAt DESC, d.id LIMIT 10
}
RETURN rule.gate AS gate, d.id AS id, d.artifactKey AS artifactKey

// name: find-holders
// The holders of these places, and the holder nodes of a version.
CALL {
  UNWIND $places AS place
  MATCH (h:Holder {place: place}) RETURN h
  UNION
  MATCH (h:Holder {version: $version}) RETURN h
}
RETURN h {.*} AS holder

// name: find-metadata
// The metadata of a version.
MATCH (v:Entity:Version {id: $id})
RETURN v.metadata AS metadata

// name: find-approvals
// The approvals of a version for a stage.
UNWIND [$version] AS version
MATCH (a:Approval {version: version}) WHERE a.stage = $stage
RETURN a {.*} AS approval

// name: stage-arrivals
// The versions that came into a stage of an artifact, oldest first, with the kind of action and whether it was about that version itself.
MATCH (p:Promotion {artifactKey: $artifactKey})-[m:MOVED {to: $stage}]->(v:Version)
RETURN p.kind AS kind, p.version = v.id AS own, v {.*} AS version
ORDER BY p.rank

// name: record-promotions
// Records promotions, demotions or rollbacks, and makes the moves of each. A place that goes from one version to another changes in a single
// property of one node, so that no reader sees two holders in it, or none. The history keeps for each version where it was, from when until
// when. The artifacts are locked.
UNWIND $actions AS action
CREATE (p:Entity:Promotion)
SET p = action.promotion
WITH p, action
CALL (p, action) {
  UNWIND action.moves AS move
  MATCH (v:Entity:Version {id: move.version})
  CALL (v, p) {
    MATCH (v)<-[earlier:MOVED]-(:Promotion) WHERE earlier.until = $forever
    SET earlier.until = p.at
  }
  CREATE (p)-[:MOVED {from: move.from, to: move.to, at: p.at, until: $forever}]->(v)
}
CALL (action) {
  UNWIND action.left AS version
  MATCH (h:Holder {version: version})
  DELETE h
}
CALL (action) {
  UNWIND action.handedOver AS row
  MATCH (h:Holder {place: row.place})
  SET h = row
}
CALL (action) {
  UNWIND action.joined AS row
  CREATE (h:Holder)
  SET h = row
}
RETURN p.id AS id

// name: find-stage-holders
// The versions in stages, now: in these places, or in these stages of whole projects.
CALL {
  UNWIND $places AS place
  MATCH (h:Holder {place: place}) RETURN h
  UNION
  UNWIND $projects AS project
  MATCH (h:Holder {project: project}) WHERE h.stage IN $stages RETURN h
}
MATCH (v:Entity:Version {id: h.version})
RETURN h.stage AS stage, h.since AS since, v {.*} AS version

// name: find-stage-holders-as-of
// The versions that were in stages at a time: in these stages of artifacts, or of whole projects.
CALL {
  UNWIND $artifacts AS artifactKey
  MATCH (p:Promotion {artifactKey: artifactKey}) RETURN p
  UNION
  UNWIND $projects AS project
  MATCH (p:Promotion {project: project}) RETURN p
}
MATCH (p)-[m:MOVED]->(v:Version) WHERE m.to IN $stages AND m.at <= $asOf AND m.until > $asOf
RETURN m.to AS stage, m.at AS since, v {.*} AS version
