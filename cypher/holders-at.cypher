// Who holds these places (`<artifact key>:<stage>`), and what this version holds.
CALL {
  UNWIND $places AS place
  MATCH (h:Holder {place: place}) RETURN h
  UNION
  MATCH (h:Holder {version: $version}) RETURN h
}
RETURN h {.*} AS holder
