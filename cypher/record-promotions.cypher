// Records promotions, demotions or rollbacks and moves the versions that each moves. A place that changes hands does so in one property of
// one node: no reader sees two holders there, or none. The history says of each version where it stood, from when until when. The artifacts
// are locked already.
UNWIND $actions AS action
CREATE (p:Thing:Promotion)
SET p = action.promotion
WITH p, action
CALL (p, action) {
  UNWIND action.moves AS move
  MATCH (v:Thing:Version {id: move.version})
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
