// New versions with all that belongs to them; their artifacts are locked already.
UNWIND $versions AS row
MATCH (a:Artifact {key: row.properties.artifactKey})
CREATE (v:Thing:Version)
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
  MATCH (other:Thing:Version {id: link.version})
  CREATE (v)-[:LINKS_TO {rel: link.rel}]->(other)
}
RETURN count(v) AS created
