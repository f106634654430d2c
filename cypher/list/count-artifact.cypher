// How many artifacts a filter keeps.
MATCH (item:Artifact)/*anchors*/
WHERE item.deletedAt IS NULL AND /*where*/
RETURN count(item) AS count
