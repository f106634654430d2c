// name: save-approval
// Keeps an approval: one of each actor for a version and stage. The artifact is locked already.
MERGE (a:Approval {key: $approval.key})
SET a = $approval
RETURN a.key AS key

// name: define-stage
// A stage as it shall be from now on; its project's stages are locked already.
MERGE (s:Stage {key: $stage.key})
SET s = $stage
RETURN s.key AS key

// name: stages-with-several-holders
// Artifacts with several versions in a stage: it can't become exclusive.
MATCH (h:Holder {project: $project}) WHERE h.stage = $stage
WITH h.artifactKey AS artifactKey, count(h) AS versions
WHERE versions > 1
RETURN artifactKey, versions
ORDER BY artifactKey LIMIT 100

// name: stage-arrivals
// Who came into a stage of an artifact, oldest first, with what brought them there.
MATCH (p:Promotion {artifactKey: $artifactKey})-[m:MOVED {to: $stage}]->(v:Version)
RETURN p.kind AS kind, p.version = v.id AS own, v {.*} AS version
ORDER BY p.rank

// name: find-metadata
// A version's metadata.
MATCH (v:Entity:Version {id: $id})
RETURN v.metadata AS metadata

// name: find-approvals
// The approvals of a version for a stage.
UNWIND [$version] AS version
MATCH (a:Approval {version: version}) WHERE a.stage = $stage
RETURN a {.*} AS approval

// name: find-direct-inputs
// What a version was made from, and the stage that each is in.
MATCH (v:Entity:Version {id: $version})<-[:PRODUCED]-(:Execution)<-[:CONSUMED_BY]-(i:Version) WHERE i.id <> v.id
WITH DISTINCT i
CALL (i) {
  MATCH (h:Holder {version: i.id})
  RETURN collect(h.stage) AS stages
}
RETURN i.id AS id, i.artifactKey AS artifactKey, stages[0] AS stage
ORDER BY id

// name: find-direct-consumers
// The newest few that are there of what was made from a version, by what gates ask of them.
MATCH (v:Entity:Version {id: $version})
UNWIND $gates AS asked
CALL (v, asked) {
  MATCH (v)-[:CONSUMED_BY]->(:Execution)-[:PRODUCED]->(d:Version)
  WHERE d.state = 'READY' AND d.id <> v.id AND (asked.kind IS NULL OR d.kind = asked.kind)
    AND (asked.tag IS NULL OR EXISTS { MATCH (d)-[:HAS_TAG]->(t:Tag) WHERE t.name = asked.tag })
    AND ($among IS NULL OR d.artifactKey IN $among)
  WITH DISTINCT d
  RETURN d ORDER BY d.createdAt DESC, d.id LIMIT 10
}
RETURN asked.gate AS gate, d.id AS id, d.artifactKey AS artifactKey

// name: find-stage-holders
// Who holds these stages of a project, or of one of its artifacts.
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
// Who held these stages of a project, or of one of its artifacts, at a time.
CALL {
  UNWIND $artifacts AS artifactKey
  MATCH (p:Promotion {artifactKey: artifactKey}) RETURN p
  UNION
  UNWIND $projects AS project
  MATCH (p:Promotion {project: project}) RETURN p
}
MATCH (p)-[m:MOVED]->(v:Version) WHERE m.to IN $stages AND m.at <= $asOf AND m.until > $asOf
RETURN m.to AS stage, m.at AS since, v {.*} AS version

// name: find-holders
// Who holds these places (`<artifact key>:<stage>`), and what this version holds.
CALL {
  UNWIND $places AS place
  MATCH (h:Holder {place: place}) RETURN h
  UNION
  MATCH (h:Holder {version: $version}) RETURN h
}
RETURN h {.*} AS holder

// name: record-promotions
// Records promotions, demotions or rollbacks and moves the versions that each moves. A place that changes hands does so in one property of
// one node: no reader sees two holders there, or none. The history says of each version where it stood, from when until when. The artifacts
// are locked already.
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
  UNWIND action.taken AS row
  MATCH (h:Holder {place: row.place})
  SET h = row
}
CALL (action) {
  UNWIND action.joined AS row
  CREATE (h:Holder)
  SET h = row
}
RETURN p.id AS id

// name: find-stages
// A project and the stages that it defined.
MATCH (p:Project {name: $project})
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages

// name: lock-stages
// A project and the stages that it defined, locked until the transaction ends: what its stages are, and who holds them, is decided by one
// transaction at a time.
MATCH (p:Project {name: $project})
SET p.lockedBy = $by
WITH p
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages
