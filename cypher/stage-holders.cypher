// Who holds these stages of a project, or of one of its artifacts.
CALL {
  UNWIND $places AS place
  MATCH (h:Holder {place: place}) RETURN h
  UNION
  UNWIND $projects AS project
  MATCH (h:Holder {project: project}) WHERE h.stage IN $stages RETURN h
}
MATCH (v:Thing:Version {id: h.version})
RETURN h.stage AS stage, h.since AS since, v {.*} AS version
