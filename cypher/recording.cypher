// What one call records: its run, its versions with their artifacts, and the edges between them. Then the locks that other writes take.

// Fragments.

// name: next-clock
// The next time of an artifact's or run's own clock: now, or 1 ms after its last time when the wall clock is behind that. `clock` is its last time.
CASE WHEN clock + 1 > $now THEN clock + 1 ELSE $now END

// name: change-tags
// Removes and adds tags of the node /*n*/ at a time; removed tags stay as past ones. Tags that are not named stay.
CALL (/*n*/) {
  UNWIND $removeTags AS name
  MATCH (/*n*/)-[:HAS_TAG]->(t:Tag {name: name})
  CREATE (/*n*/)-[:HAD_TAG]->(:PastTag {name: name, at: t.at, until: $at})
  DETACH DELETE t
}
CALL (/*n*/) {
  UNWIND $addTags AS name
  MERGE (/*n*/)-[:HAS_TAG]->(t:Tag {name: name})
  ON CREATE SET t.project = /*n*/.project, t.at = $at
}

// name: add-execution-details
// The tags of a new run or step /*n*/, and its metadata, parameters and metrics as leaves for filters.
FOREACH (tag IN /*tags*/ | CREATE (/*n*/)-[:HAS_TAG]->(:Tag {name: tag, project: /*properties*/.project, at: /*properties*/.createdAt}))
FOREACH (leaf IN /*leaves*/.metadata | CREATE (/*n*/)-[:HAS_METADATA]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN /*leaves*/.parameters | CREATE (/*n*/)-[:HAS_PARAMETER]->(m:Metadata) SET m = leaf)
FOREACH (leaf IN /*leaves*/.metrics | CREATE (/*n*/)-[:HAS_METRIC]->(m:Metadata) SET m = leaf)

// Recording, in the order in which its statements run.

// name: ensure-projects
// Creates the projects that don't exist; returns all of them, and which are new.
UNWIND $projects AS row
MERGE (p:Project {name: row.name})
ON CREATE SET p:Entity, p.id = row.id, p.createdAt = $now, p.description = row.description,
  p.storagePrefix = row.storagePrefix, p.staleAfterSeconds = row.staleAfterSeconds
RETURN p {.*} AS project, p.id = row.id AS created

// name: find-executions
// Runs and steps by id, a step with its run.
UNWIND $ids AS id
MATCH (x:Entity:Execution {id: id})
CALL (x) {
  MATCH (x)<-[:HAS_STEP]-(r:Run)
  RETURN collect(r {.*}) AS runs
}
RETURN x {.*} AS execution, runs[0] AS run

// name: touch-blobs
// The sizes of blobs, which count as used from now on: garbage collection keeps them until the transaction ends.
UNWIND $ids AS id
MATCH (b:Blob {id: id})
SET b.usedAt = $now
WITH b, id WHERE b.sweptAt IS NULL
RETURN id, b.size AS size, b.damagedAt IS NOT NULL AS isDamaged

// name: lock-or-create-artifacts
// Locks artifacts until the transaction ends, creating those that don't exist; returns each with its newest version and the time by its clock.
// Setting a constant takes the lock; only then is the clock read and set from a variable. `SET a.clock = a.clock + 1` would make Neo4j report
// false deadlocks as soon as a later statement writes to the artifact (neo4j/neo4j#13291). The other locks do the same.
UNWIND $artifacts AS row
MERGE (a:Artifact {key: row.key})
ON CREATE SET a:Entity, a.id = row.id, a.project = row.project, a.name = row.name, a.kind = row.kind,
  a.number = 0, a.clock = 0, a.createdAt = $now, a.updatedAt = $now, a.text = row.text, a.nameKey = row.nameKey
SET a.lockedBy = row.id, a.deletedAt = null
WITH a, row, a.clock AS clock
SET a.clock = /*use next-clock*/
WITH a
CALL (a) {
  MATCH (v:Version {artifactKey: a.key}) WHERE v.number > 0 AND v.state = 'READY'
  WITH v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
  RETURN collect(v {.*}) AS newest
}
RETURN a.key AS key, a.kind AS kind, a.number AS number, a.clock AS clock, newest[0] AS latest

// name: find-file-paths
// The paths of the files of versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[f:HAS_FILE]->(:Blob)
RETURN id, f.path AS path

// name: create-versions
// Creates versions with their tags, labels, metadata leaves, files and links. Their artifacts are locked.
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
    (:Metadata {key: leaf.key, type: leaf.type, number: leaf.number, rest: leaf.rest, text: leaf.text, json: leaf.json, hash: leaf.hash,
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

// name: lock-selector-names
// Locks names of projects until the transaction ends, except those of selectors that exist. The lock is the unique key of a node that is deleted
// again at once: it keeps nothing in the graph.
UNWIND $names AS row
CALL (row) {
  MATCH (s:Selector {key: row.selectorKey})
  RETURN count(s) AS existing
}
WITH row, existing WHERE existing = 0
MERGE (l:NameLock {key: row.key})
WITH l, row.key AS key
DELETE l
RETURN key

// name: assign-selectors
// Points version names and aliases to versions, records the moves of aliases, and returns the versions that held them before. The caller checks
// before it commits whether each may move. The artifacts are locked.
UNWIND $selectors AS row
MATCH (v:Entity:Version {id: row.version})
MERGE (s:Selector {key: row.key})
ON CREATE SET s.artifactKey = row.artifactKey, s.name = row.name, s.fixed = row.fixed
WITH s, v, row
CALL (row) {
  MATCH (stage:Stage {key: row.stageKey})
  RETURN count(stage) AS stages
}
CALL (s) {
  MATCH (s)-[held:POINTS_TO]->(holder:Version)
  RETURN collect(holder.id) AS ids, collect(holder.number) AS numbers, collect(held.at) AS times
}
WITH s, v, row, stages, s.fixed AS isVersionName, ids[0] AS previous, numbers[0] AS previousNumber, times[0] AS since
CALL (s) {
  MATCH (s)-[held:POINTS_TO]->()
  DELETE held
}
CREATE (s)-[:POINTS_TO {at: CASE WHEN previous = row.version THEN since ELSE row.at END}]->(v)
FOREACH (moved IN CASE WHEN row.fixed OR previous = row.version THEN [] ELSE [row] END |
  CREATE (:AliasChange {key: moved.key, artifactKey: moved.artifactKey, project: moved.project, alias: moved.name, from: previous,
    since: since, to: moved.version, actor: $actor, at: moved.at, rank: moved.rank}))
RETURN row.key AS key, row.version AS version, stages > 0 AS isStage, isVersionName, previous, previousNumber

// name: touch-runs
// Records a heartbeat of runs, each under its lock, and sets those that were stale to RUNNING; returns these.
UNWIND $ids AS id
MATCH (r:Entity:Run {id: id})
SET r.lockedBy = $by
WITH r, r.clock AS clock
SET r.heartbeatAt = $now
WITH r, clock WHERE r.status = 'STALE'
SET r.status = 'RUNNING', r.clock = /*use next-clock*/
RETURN r {.*} AS run, r.clock AS at

// name: create-run
// Creates a run with its steps, under its parent if it has one.
CREATE (r:Entity:Execution:Run)
SET r = $run
/*use add-execution-details n=r properties=$run tags=$tags leaves=$leaves*/
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
  /*use add-execution-details n=s properties=row.properties tags=row.tags leaves=row.leaves*/
}
RETURN r.id AS id

// name: lock-versions
// Locks versions until the transaction ends; returns their states under the lock.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})
SET v.lockedBy = $by
RETURN id, v.state AS state

// name: link-consumed
// Writes which executions read which versions; an edge that exists stays as it is.
// MERGE begins at the end with few edges: one engine reads all edges of the first node, and a version may have many readers.
UNWIND $edges AS edge
MATCH (v:Entity:Version {id: edge.version})
MATCH (x:Entity:Execution {id: edge.execution})
MERGE (x)<-[e:CONSUMED_BY {slot: edge.slot, role: edge.role}]-(v)
ON CREATE SET e.at = edge.at, e.rank = edge.rank
RETURN count(e) AS recorded

// name: link-produced
// Writes which executions produced which versions; an edge that exists stays as it is.
// MERGE begins at the end with few edges: one engine reads all edges of the first node, and a run may produce many versions.
UNWIND $edges AS edge
MATCH (v:Entity:Version {id: edge.version})
MATCH (x:Entity:Execution {id: edge.execution})
MERGE (v)<-[e:PRODUCED {slot: edge.slot, role: edge.role}]-(x)
ON CREATE SET e.at = edge.at, e.rank = edge.rank
RETURN count(e) AS recorded

// name: advance-run-clock
// Sets the clock of a locked run to a later time.
MATCH (r:Entity:Run {id: $id})
SET r.clock = $at

// Locks of what exists.

// name: lock-existing-artifacts
// Locks those artifacts that exist, in the order of the keys, until the transaction ends; returns each with the time by its clock.
UNWIND $keys AS key
MATCH (a:Artifact {key: key}) WHERE a.deletedAt IS NULL
SET a.lockedBy = $by
WITH a, a.clock AS clock
SET a.clock = /*use next-clock*/
RETURN a {.*} AS artifact, a.clock AS at

// name: lock-execution
// Locks the run that an execution is or belongs to until the transaction ends, and records a heartbeat of it.
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
SET r.clock = /*use next-clock*/, r.heartbeatAt = $now
RETURN x {.*} AS execution, r {.*} AS run, r.clock AS at
