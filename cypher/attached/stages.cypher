// The stages that versions are in, or were in at a time.
UNWIND $ids AS id
WITH id WHERE $asOf IS NULL
MATCH (h:Holder {version: id})
RETURN id, h.stage AS value
UNION
UNWIND $ids AS id
WITH id WHERE $asOf IS NOT NULL
MATCH (v:Thing:Version {id: id})<-[m:MOVED]-(:Promotion)
WHERE m.at <= $asOf AND m.until > $asOf AND m.to <> ''
RETURN id, m.to AS value
