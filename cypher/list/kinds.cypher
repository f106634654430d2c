// How many artifacts that a filter keeps are of each kind.
MATCH (item:Artifact)/*anchors*/ WHERE /*where*/
RETURN item.kind AS kind, count(item) AS count
ORDER BY kind
