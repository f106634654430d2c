// How many versions a filter keeps.
MATCH (item:Version) WHERE /*where*/
RETURN count(item) AS count
