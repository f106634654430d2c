// The versions that versions link to.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[l:LINKS_TO]->(other:Version)
WHERE $asOf IS NULL OR other.createdAt <= $asOf
RETURN id, {rel: l.rel, version: other {.*}} AS value
