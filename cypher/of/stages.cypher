// The stages that versions are in.
UNWIND $ids AS id
MATCH (h:Holder {version: id})
RETURN id, h.stage AS value
