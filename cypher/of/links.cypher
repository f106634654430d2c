// The versions that versions link to.
UNWIND $ids AS id
MATCH (v:Thing:Version {id: id})-[l:LINKS_TO]->(other:Version)
RETURN id, {rel: l.rel, version: other {.*}} AS value
