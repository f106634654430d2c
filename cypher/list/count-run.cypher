// How many runs a filter keeps.
MATCH (item:Run)/*anchors*/
WHERE /*where*/
RETURN count(item) AS count
