// Who came into a stage of an artifact, oldest first, with what brought them there.
MATCH (p:Promotion {artifactKey: $artifactKey})-[m:MOVED {to: $stage}]->(v:Version)
RETURN p.kind AS kind, p.version = v.id AS own, v {.*} AS version
ORDER BY p.rank
