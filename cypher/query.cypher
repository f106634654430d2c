// What all lists share: pages of lists, conditions and index seeks of filters, pages of connections, and fields of many entities at a time.

// name: list/page
// Template: one page of the items that match a filter, in order, with the keys that they are ordered by. `visible` is the condition for an item to
// be listed; `ordered` lets an index on the property provide the order.
MATCH (item:/*label*/)/*seeks*/
WHERE /*ordered*//*visible*//*where*/
/*joins*/
// Ordered before the projection: after it no index could provide the order, and all properties of every item would be read.
WITH * ORDER BY /*order*/ LIMIT $limit
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/

// name: list/count
// Template: the number of items that match a filter.
MATCH (item:/*label*/)/*seeks*/
WHERE /*visible*//*where*/
RETURN count(item) AS count

// name: list/kinds
// Template: the number of artifacts of each kind that match a filter.
MATCH (item:Artifact)/*seeks*/
WHERE item.deletedAt IS NULL AND /*where*/
RETURN item.kind AS kind, count(item) AS count
ORDER BY kind

// name: list/events
// Template: one page of the events that match a filter, oldest first.
MATCH (item:Event)
WHERE item.seq > $after AND item.seq <= $last AND /*where*/
WITH item ORDER BY item.seq LIMIT $limit
RETURN item {.*} AS event
ORDER BY event.seq

// name: list/metadata-key
// Fragment: joins the leaf that items are ordered by.
OPTIONAL MATCH (item)-[:/*relation*/]->(/*name*/:Metadata {key: /*key*/})
WITH *

// name: filter/alias
// Condition: one of its aliases matches.
EXISTS { MATCH (item)<-[:POINTS_TO]-(selector:Selector) WHERE selector.fixed = false AND /*condition*/ }

// name: filter/among
// Condition: its id is a key of the map.
(/*value*/[item.id] IS NOT NULL)

// name: filter/consumed-by
// Condition: an execution that read it matches.
EXISTS { MATCH (item)-[:CONSUMED_BY]->(x:Execution) WHERE /*condition*/ }

// name: filter/label
// Condition: its label with this key matches.
EXISTS { MATCH (item)-[:HAS_LABEL]->(label:Label) WHERE label.key = /*key*/ AND /*condition*/ }

// name: filter/latest
// Condition: it is the newest version of its artifact that has not been deleted.
(item.state = 'READY' AND NOT EXISTS {
  MATCH (newer:Version {artifactKey: item.artifactKey})
  WHERE newer.number > item.number AND newer.state = 'READY'
})

// name: filter/metadata
// Condition: its leaf with this key matches.
EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key = /*key*/ AND /*condition*/ }

// name: filter/metadata-below
// Condition: it has a leaf whose key starts with this prefix.
EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key STARTS WITH /*key*/ }

// name: filter/produced-by
// Condition: an execution that produced it matches.
EXISTS { MATCH (item)<-[:PRODUCED]-(x:Execution) WHERE /*condition*/ }

// name: filter/stage
// Condition: the stage that it is in matches.
EXISTS { MATCH (holder:Holder {version: item.id}) WHERE /*condition*/ }

// name: filter/tag
// Condition: one of its tags matches.
EXISTS { MATCH (item)-[:HAS_TAG]->(tag:Tag) WHERE /*condition*/ }

// name: filter/tag-as-of
// Condition: one of the tags that it had as of a time matches.
EXISTS { MATCH (item)-[:HAS_TAG|HAD_TAG]->(tag) WHERE tag.at <= $asOf AND (tag.until IS NULL OR tag.until > $asOf) AND /*condition*/ }

// name: seek/alias
// Pattern: finds versions by an alias.
MATCH (item)<-[:POINTS_TO]-(:Selector {name: /*value*/, fixed: false})

// name: seek/label
// Pattern: finds versions by a label.
MATCH (item)-[:HAS_LABEL]->(:Label {key: /*key*/, value: /*value*/})

// name: seek/metadata
// Pattern: finds items by a leaf.
MATCH (item)-[:/*relation*/]->(/*name*/:Metadata)

// name: seek/stage
// Pattern: finds the holders of a stage.
MATCH (/*name*/:Holder {stage: /*value*/})

// name: seek/tag
// Pattern: finds items by a tag.
MATCH (item)-[:HAS_TAG]->(:Tag {name: /*value*/})

// name: connection/page
// Template: one page of a relation for each parent, in the order of rank.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND /*use existed at=at*/
    AND ($cursor IS NULL OR rank /*beyond*/ $cursor)
  RETURN item, rank, slot, role
  ORDER BY rank /*direction*/ LIMIT $limit
}
RETURN parent, rank, slot, role, item {.*} AS item

// name: connection/count
// Template: the number of items of a relation for each parent.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND /*use existed at=at*/
  RETURN count(*) AS count
}
RETURN parent, count

// name: connection/aliasHistory
// Relation: the moves of an artifact's aliases.
MATCH (item:AliasChange {artifactKey: parent}) WHERE $alias IS NULL OR item.alias = $alias
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/artifactPromotions
// Relation: the promotions of all versions of an artifact.
MATCH (item:Promotion {artifactKey: parent})
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/children
// Relation: the child runs of a run.
MATCH (:Entity:Run {id: parent})-[:HAS_CHILD]->(item:Run)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/consumers
// Relation: the executions that read a version.
MATCH (:Entity:Version {id: parent})-[e:CONSUMED_BY]->(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/deliveries
// Relation: the deliveries to a webhook.
MATCH (item:Delivery {webhook: parent})
WITH item, 0 AS at, item.seq AS rank, '' AS slot, '' AS role

// name: connection/inputs
// Relation: the versions that an execution read.
MATCH (:Entity:Execution {id: parent})<-[e:CONSUMED_BY]-(item:Version)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/outputs
// Relation: the versions that an execution produced.
MATCH (:Entity:Execution {id: parent})-[e:PRODUCED]->(item:Version)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/producers
// Relation: the executions that produced a version.
MATCH (:Entity:Version {id: parent})<-[e:PRODUCED]-(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/promotions
// Relation: the promotions of a version.
MATCH (:Entity:Version {id: parent})<-[:MOVED]-(item:Promotion)
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/steps
// Relation: the steps of a run.
MATCH (:Entity:Run {id: parent})-[:HAS_STEP]->(item:Step)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/versions
// Relation: the versions of an artifact that are not deleted, or were not as of a time.
MATCH (item:Version {artifactKey: parent}) WHERE item.number > 0 AND /*use not-deleted v=item*/
WITH item, item.createdAt AS at, -item.number AS rank, '' AS slot, '' AS role

// name: field/tags
// The tags that entities have, or had as of a time.
UNWIND $ids AS id
MATCH (n:Entity {id: id})-[:HAS_TAG|HAD_TAG]->(t)
WHERE /*use existed at=t.at*/ AND (t.until IS NULL OR t.until > $asOf)
RETURN id, t.name AS value

// name: field/labels
// The labels of versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[:HAS_LABEL]->(l:Label)
RETURN id, {key: l.key, value: l.value} AS value

// name: field/aliases
// The aliases that point to versions, or pointed to them as of a time.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND /*use existed at=p.at*/
RETURN id, s.name AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {from: id}) WHERE c.since <= $asOf AND c.at > $asOf
RETURN id, c.alias AS value

// name: field/stages
// The stages that versions are in, or were in as of a time.
UNWIND $ids AS id
WITH id WHERE $asOf IS NULL
MATCH (h:Holder {version: id})
RETURN id, h.stage AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (v:Entity:Version {id: id})<-[m:MOVED]-(:Promotion)
WHERE m.at <= $asOf AND m.until > $asOf AND m.to <> ''
RETURN id, m.to AS value

// name: field/approvals
// The approvals of versions.
UNWIND $ids AS id
MATCH (a:Approval {version: id})
RETURN id, {stage: a.stage, actor: a.actor, role: a.role, comment: a.comment, at: a.at} AS value

// name: field/files
// The files of versions, with the keys of their bytes in the blob store.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS value

// name: field/links
// The versions that versions link to.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[l:LINKS_TO]->(other:Version)
WHERE /*use existed at=other.createdAt*/
RETURN id, {rel: l.rel, version: other {.*}} AS value

// name: field/latest
// The newest version of artifacts that is not deleted, or was not as of a time, by the artifact's key.
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Version {artifactKey: id}) WHERE v.number > 0
    AND /*use not-deleted v=v*/ AND /*use existed at=v.createdAt*/
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN id, v {.*} AS value

// name: field/holders
// The aliases of artifacts with the versions that hold them, or held them as of a time, by the artifact's key.
UNWIND $ids AS id
MATCH (v:Version {artifactKey: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND /*use existed at=p.at*/
RETURN id, {alias: s.name, version: v {.*}} AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {artifactKey: id}) WHERE c.since <= $asOf AND c.at > $asOf
MATCH (v:Entity:Version {id: c.from})
RETURN id, {alias: c.alias, version: v {.*}} AS value

// name: field/artifacts
// Artifacts by key.
UNWIND $ids AS id
MATCH (a:Artifact {key: id})
RETURN id, a {.*} AS value

// name: field/projects
// Projects by name.
UNWIND $ids AS id
MATCH (p:Project {name: id})
RETURN id, p {.*} AS value

// name: field/producer
// The execution that counts as the producer of versions: the first that completed, else the first.
UNWIND $ids AS id
CALL (id) {
  MATCH (:Entity:Version {id: id})<-[e:PRODUCED]-(x:Execution)
  WHERE $projects IS NULL OR x.project IN $projects
  RETURN x, CASE WHEN x.status = 'COMPLETED' THEN 0 ELSE 1 END AS place, e.rank AS rank
  ORDER BY place, rank LIMIT 1
}
RETURN id, x {.*} AS value
