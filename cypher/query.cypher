// What all lists share: conditions and index seeks of filters, pages of lists and connections, and single fields read for many items at once.

// name: list/page
// One page of the items that a filter keeps, in order, with the keys that they are ordered by. `visible` holds for every item that a list may
// show; `ordered` lets an index over the property give the order.
MATCH (item:/*label*/)/*seeks*/
WHERE /*ordered*//*visible*//*where*/
/*joins*/
// Ordered before it is projected: behind the projection no index gives the order, and every item would be read whole.
WITH * ORDER BY /*order*/ LIMIT $limit
RETURN item {.*} AS item, [/*keys*/] AS keys
ORDER BY /*order*/

// name: list/count
// How many items a filter keeps.
MATCH (item:/*label*/)/*seeks*/
WHERE /*visible*//*where*/
RETURN count(item) AS count

// name: list/kinds
// How many artifacts that a filter keeps are of each kind.
MATCH (item:Artifact)/*seeks*/
WHERE item.deletedAt IS NULL AND /*where*/
RETURN item.kind AS kind, count(item) AS count
ORDER BY kind

// name: list/events
// One page of the log that a filter keeps, oldest first.
MATCH (item:Event)
WHERE item.seq > $after AND item.seq <= $last AND /*where*/
WITH item ORDER BY item.seq LIMIT $limit
RETURN item {.*} AS event
ORDER BY event.seq

// name: list/metadata-key
OPTIONAL MATCH (item)-[:/*relation*/]->(/*name*/:Metadata {key: /*key*/})
WITH *

// name: filter/alias
EXISTS { MATCH (item)<-[:POINTS_TO]-(selector:Selector) WHERE selector.fixed = false AND /*condition*/ }

// name: filter/among
(/*value*/[item.id] IS NOT NULL)

// name: filter/consumed-by
EXISTS { MATCH (item)-[:CONSUMED_BY]->(x:Execution) WHERE /*condition*/ }

// name: filter/label
EXISTS { MATCH (item)-[:HAS_LABEL]->(label:Label) WHERE label.key = /*key*/ AND /*condition*/ }

// name: filter/latest
(item.state = 'READY' AND NOT EXISTS {
  MATCH (newer:Version {artifactKey: item.artifactKey})
  WHERE newer.number > item.number AND newer.state = 'READY'
})

// name: filter/metadata
EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key = /*key*/ AND /*condition*/ }

// name: filter/metadata-below
EXISTS { MATCH (item)-[:/*relation*/]->(leaf:Metadata) WHERE leaf.key STARTS WITH /*key*/ }

// name: filter/produced-by
EXISTS { MATCH (item)<-[:PRODUCED]-(x:Execution) WHERE /*condition*/ }

// name: filter/stage
EXISTS { MATCH (holder:Holder {version: item.id}) WHERE /*condition*/ }

// name: filter/tag
EXISTS { MATCH (item)-[:HAS_TAG]->(tag:Tag) WHERE /*condition*/ }

// name: filter/tag-as-of
EXISTS { MATCH (item)-[:HAS_TAG|HAD_TAG]->(tag) WHERE tag.at <= $asOf AND (tag.until IS NULL OR tag.until > $asOf) AND /*condition*/ }

// name: seek/alias
MATCH (item)<-[:POINTS_TO]-(:Selector {name: /*value*/, fixed: false})

// name: seek/label
MATCH (item)-[:HAS_LABEL]->(:Label {key: /*key*/, value: /*value*/})

// name: seek/metadata
MATCH (item)-[:/*relation*/]->(/*name*/:Metadata)

// name: seek/stage
MATCH (/*name*/:Holder {stage: /*value*/})

// name: seek/tag
MATCH (item)-[:HAS_TAG]->(:Tag {name: /*value*/})

// name: connection/page
// One page of a relation for each parent; each item once a parent, in the order of its rank.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND ($asOf IS NULL OR at <= $asOf)
    AND ($cursor IS NULL OR rank /*beyond*/ $cursor)
  RETURN item, rank, slot, role
  ORDER BY rank /*direction*/ LIMIT $limit
}
RETURN parent, rank, slot, role, item {.*} AS item

// name: connection/count
// How many a relation has for each parent.
UNWIND $parents AS parent
CALL (parent) {
  /*relation*/
  WHERE ($projects IS NULL OR item.project IN $projects) AND ($asOf IS NULL OR at <= $asOf)
  RETURN count(*) AS count
}
RETURN parent, count

// name: connection/aliasHistory
MATCH (item:AliasChange {artifactKey: parent}) WHERE $alias IS NULL OR item.alias = $alias
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/artifactPromotions
MATCH (item:Promotion {artifactKey: parent})
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/children
MATCH (:Entity:Run {id: parent})-[:HAS_CHILD]->(item:Run)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/consumers
MATCH (:Entity:Version {id: parent})-[e:CONSUMED_BY]->(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/deliveries
MATCH (item:Delivery {webhook: parent})
WITH item, 0 AS at, item.seq AS rank, '' AS slot, '' AS role

// name: connection/inputs
MATCH (:Entity:Execution {id: parent})<-[e:CONSUMED_BY]-(item:Version)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/outputs
MATCH (:Entity:Execution {id: parent})-[e:PRODUCED]->(item:Version)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/producers
MATCH (:Entity:Version {id: parent})<-[e:PRODUCED]-(item:Execution)
WITH item, e.at AS at, e.rank AS rank, e.slot AS slot, e.role AS role

// name: connection/promotions
MATCH (:Entity:Version {id: parent})<-[:MOVED]-(item:Promotion)
WITH item, item.at AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/steps
MATCH (:Entity:Run {id: parent})-[:HAS_STEP]->(item:Step)
WITH item, item.createdAt AS at, item.rank AS rank, '' AS slot, '' AS role

// name: connection/versions
MATCH (item:Version {artifactKey: parent}) WHERE item.number > 0 AND (item.state = 'READY' OR item.deletedAt > $asOf)
WITH item, item.createdAt AS at, -item.number AS rank, '' AS slot, '' AS role

// name: field/tags
// The tags of things, or those that they had at a time.
UNWIND $ids AS id
MATCH (n:Entity {id: id})-[:HAS_TAG|HAD_TAG]->(t)
WHERE ($asOf IS NULL OR t.at <= $asOf) AND (t.until IS NULL OR t.until > $asOf)
RETURN id, t.name AS value

// name: field/labels
// The labels of versions.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[:HAS_LABEL]->(l:Label)
RETURN id, {key: l.key, value: l.value} AS value

// name: field/aliases
// The aliases that point to versions, or pointed to them at a time.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND ($asOf IS NULL OR p.at <= $asOf)
RETURN id, s.name AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {from: id}) WHERE c.since <= $asOf AND c.at > $asOf
RETURN id, c.alias AS value

// name: field/stages
// The stages that versions are in, or were in at a time.
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
// The files of versions, with where their bytes are.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[f:HAS_FILE]->(b:Blob)
RETURN id, {path: f.path, digest: b.digest, size: b.size, key: b.key} AS value

// name: field/links
// The versions that versions link to.
UNWIND $ids AS id
MATCH (v:Entity:Version {id: id})-[l:LINKS_TO]->(other:Version)
WHERE $asOf IS NULL OR other.createdAt <= $asOf
RETURN id, {rel: l.rel, version: other {.*}} AS value

// name: field/latest
// The newest version of artifacts that is there, or was at a time, by the artifact's key.
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Version {artifactKey: id}) WHERE v.number > 0
    AND (v.state = 'READY' OR v.deletedAt > $asOf) AND ($asOf IS NULL OR v.createdAt <= $asOf)
  RETURN v ORDER BY v.artifactKey DESC, v.number DESC LIMIT 1
}
RETURN id, v {.*} AS value

// name: field/holders
// The aliases of artifacts with the versions that hold them, or held them at a time, by the artifact's key.
UNWIND $ids AS id
MATCH (v:Version {artifactKey: id})<-[p:POINTS_TO]-(s:Selector)
WHERE s.fixed = false AND ($asOf IS NULL OR p.at <= $asOf)
RETURN id, {alias: s.name, version: v {.*}} AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (c:AliasChange {artifactKey: id}) WHERE c.since <= $asOf AND c.at > $asOf
MATCH (v:Entity:Version {id: c.from})
RETURN id, {alias: c.alias, version: v {.*}} AS value

// name: field/artifacts
// Artifacts by their keys.
UNWIND $ids AS id
MATCH (a:Artifact {key: id})
RETURN id, a {.*} AS value

// name: field/projects
// Projects by their names.
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
