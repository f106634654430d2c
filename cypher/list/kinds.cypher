// How many artifacts that a filter keeps are of each kind.
MATCH (item:Artifact)/*anchors*/
WHERE item.deletedAt IS NULL AND /*where*/
RETURN item.kind AS kind, count(item) AS count
ORDER BY kind
