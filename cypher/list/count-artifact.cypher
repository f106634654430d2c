// How many artifacts a filter keeps.
MATCH (item:Artifact) WHERE /*where*/
RETURN count(item) AS count
