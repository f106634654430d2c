// How many runs a filter keeps.
MATCH (item:Run) WHERE /*where*/
RETURN count(item) AS count
