// How many artifacts that a filter keeps are of each kind.
MATCH (item:Artifact) WHERE /*where*/
RETURN item.kind AS kind, count(item) AS count
ORDER BY kind
