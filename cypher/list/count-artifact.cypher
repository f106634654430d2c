// How many artifacts a filter keeps.
MATCH (item:Artifact)/*anchors*/ WHERE /*where*/
RETURN count(item) AS count
