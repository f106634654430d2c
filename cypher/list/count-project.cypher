// How many projects a filter keeps.
MATCH (item:Project)/*anchors*/
WHERE /*where*/
RETURN count(item) AS count
