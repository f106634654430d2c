// How many projects a filter keeps.
MATCH (item:Project) WHERE /*where*/
RETURN count(item) AS count
