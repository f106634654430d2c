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
