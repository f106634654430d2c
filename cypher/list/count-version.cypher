// How many versions a filter keeps.
MATCH (item:Version)/*anchors*/
WHERE /*where*/
RETURN count(item) AS count
