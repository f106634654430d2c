// name: assign-selectors
// Points version names and aliases to versions, keeps the history of aliases, and says who held them; whether that is allowed is for the
// caller to see before it commits. The artifacts are locked already.
UNWIND $selectors AS row
MATCH (v:Entity:Version {id: row.version})
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

// name: update-artifact
// A locked artifact with its changed properties and tags; tags of others stay.
MATCH (a:Artifact {key: $key})
SET a += $changes
WITH a
CALL (a) {
  UNWIND $removeTags AS name
  MATCH (a)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (a)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (a) {
  UNWIND $addTags AS name
  MERGE (a)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = a.project, t.at = $at
}
RETURN a {.*} AS artifact

// name: link-consumed
// Which executions read which versions; the same edge twice is one.
UNWIND $edges AS edge
MATCH (v:Entity:Version {id: edge.version})
MATCH (x:Entity:Execution {id: edge.execution})
// From the side that has few edges: one engine looks through those of the first node, and a version may have many readers.
MERGE (x)<-[e:CONSUMED_BY {slot: edge.slot, role: edge.role}]-(v)
ON CREATE SET e.at = edge.at, e.rank = edge.rank
RETURN count(e) AS recorded

// name: link-produced
// Which executions made which versions; the same edge twice is one.
UNWIND $edges AS edge
MATCH (v:Entity:Version {id: edge.version})
MATCH (x:Entity:Execution {id: edge.execution})
// From the side that has few edges: one engine looks through those of the first node, and a run may make many versions.
MERGE (v)<-[e:PRODUCED {slot: edge.slot, role: edge.role}]-(x)
ON CREATE SET e.at = edge.at, e.rank = edge.rank
RETURN count(e) AS recorded

// name: merge-projects
// Creates the projects that are missing.
UNWIND $projects AS row
MERGE (p:Project {name: row.name})
ON CREATE SET p:Entity, p.id = row.id, p.createdAt = $now, p.description = row.description,
  p.storagePrefix = row.storagePrefix, p.staleAfterSeconds = row.staleAfterSeconds
RETURN p {.*} AS project, p.id = row.id AS created

// name: lock-execution
// A run or step with its run, whose clock is advanced and which was heard of now: locked until the transaction ends (lock-artifacts says why so).
MATCH (x:Entity:Execution {id: $id})
CALL (x) {
  MATCH (x)<-[:HAS_STEP]-(r:Run)
  RETURN r
  UNION
  WITH x WHERE x:Run
  RETURN x AS r
}
SET r.lockedBy = $by
WITH x, r, r.clock AS clock
SET r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END, r.heartbeatAt = $now
RETURN x {.*} AS execution, r {.*} AS run, r.clock AS at

// name: touch-runs
// Runs that were heard of, each under its lock; those that were stale run again.
UNWIND $ids AS id
MATCH (r:Entity:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
SET r.heartbeatAt = $now
WITH r, clock WHERE r.status = 'STALE'
SET r.status = 'RUNNING', r.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN r {.*} AS run, r.clock AS at

// name: find-executions
// Runs and steps by id, a step with its run.
UNWIND $ids AS id
MATCH (x:Entity:Execution {id: id})
CALL (x) {
  MATCH (x)<-[:HAS_STEP]-(r:Run)
  RETURN collect(r {.*}) AS runs
}
RETURN x {.*} AS execution, runs[0] AS run

// name: create-run
// A run, under its parent where it has one, with its steps; metadata, parameters and metrics as leaves too, for filters.
CREATE (r:Entity:Execution:Run)
SET r = $run
FOREACH (tag IN $tags | CREATE (r)-[:HAS_TAG]->(:Tag {name: tag, project: $run.project, at: $run.createdAt}))
FOREACH (leaf IN $leaves.metadata | CREATE (r)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.parameters | CREATE (r)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN $leaves.metrics | CREATE (r)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
WITH r
CALL (r) {
  MATCH (parent:Entity:Run {id: $run.parent})
  CREATE (parent)-[:HAS_CHILD]->(r)
}
CALL (r) {
  UNWIND $steps AS row
  CREATE (s:Entity:Execution:Step)
  SET s = row.properties
  CREATE (r)-[:HAS_STEP]->(s)
  FOREACH (tag IN row.tags | CREATE (s)-[:HAS_TAG]->(:Tag {name: tag, project: row.properties.project, at: row.properties.createdAt}))
  FOREACH (leaf IN row.leaves.metadata | CREATE (s)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
  FOREACH (leaf IN row.leaves.parameters | CREATE (s)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
  FOREACH (leaf IN row.leaves.metrics | CREATE (s)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)
}
RETURN r.id AS id

// name: lock-existing-artifacts
// Artifacts that are there, locked in this order until the transaction ends, and the time by the clock of each (lock-artifacts says why so).
UNWIND $keys AS key
MATCH (a:Artifact {key: key}) WHERE a.deletedAt IS NULL
SET a.lockedBy = $by
WITH a, a.clock AS clock
SET a.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
RETURN a {.*} AS artifact, a.clock AS at

// name: lock-versions
// Versions, locked until the transaction ends, with the state that they are in under the lock.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
SET v.lockedBy = $by
RETURN id, v.state AS state

// name: find-blobs
// The blobs of these contents, in use from now on, so that no sweep takes them before the transaction ends.
UNWIND $ids AS id
MATCH (b:Blob {id: id})
SET b.usedAt = $now
WITH b, id WHERE b.sweptAt IS NULL
RETURN id, b.size AS size

// name: lock-or-create-artifacts
// The artifacts, created when missing, locked until the transaction ends, with their newest version and the time by their own clocks.
// A constant is set first to take the lock, and the clock is then set from a variable: `SET a.clock = a.clock + 1` would make Neo4j see
// deadlocks where there are none as soon as a later statement writes to the artifact (neo4j/neo4j#13291).
UNWIND $artifacts AS row
MERGE (a:Artifact {key: row.key})
ON CREATE SET a:Entity, a.id = row.id, a.project = row.project, a.name = row.name, a.kind = row.kind,
  a.number = 0, a.clock = 0, a.createdAt = $now, a.updatedAt = $now, a.text = row.text, a.nameKey = row.nameKey
SET a.lockedBy = row.id, a.deletedAt = null
WITH a, row, a.clock AS clock
SET a.clock = CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END
WITH a
CALL (a) {
  MATCH (v:Version {artifactKey: a.key}) WHERE v.number > 0 AND v.state = 'READY'
  WITH v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  RETURN collect(v {.*}) AS newest
}
RETURN a.key AS key, a.kind AS kind, a.number AS number, a.clock AS clock, newest[0] AS latest

// name: create-versions
// New versions with all that belongs to them; their artifacts are locked already.
UNWIND $versions AS row
MATCH (a:Artifact {key: row.properties.artifactKey})
CREATE (v:Entity:Version)
SET v = row.properties
CREATE (v)-[:VERSION_OF]->(a)
SET a.number = row.properties.number, a.clock = row.properties.createdAt, a.updatedAt = row.properties.createdAt,
  a.kind = row.artifactKind
FOREACH (tag IN row.tags |
  CREATE (v)-[:HAS_TAG]->(:Tag {name: tag, project: row.properties.project, at: row.properties.createdAt}))
FOREACH (label IN row.labels |
  CREATE (v)-[:HAS_LABEL]->(:Label {key: label.key, value: label.value, project: row.properties.project}))
FOREACH (leaf IN row.leaves |
  CREATE (v)-[:HAS_METADATA]->
    (:Metadata {key: leaf.key, type: leaf.type, number: leaf.number, text: leaf.text, json: leaf.json, hash: leaf.hash,
      sort: leaf.sort, project: row.properties.project}))
WITH v, row
CALL (v, row) {
  UNWIND row.files AS file
  MATCH (b:Blob {id: file.blob})
  CREATE (v)-[:HAS_FILE {path: file.path}]->(b)
}
CALL (v, row) {
  UNWIND row.links AS link
  MATCH (other:Entity:Version {id: link.version})
  CREATE (v)-[:LINKS_TO {rel: link.rel}]->(other)
}
RETURN count(v) AS created

// name: advance-clock
// Sets the clock of a run that is locked already to a time ahead of it.
MATCH (r:Entity:Run {id: $id})
SET r.clock = $at
