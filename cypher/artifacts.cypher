// name: update-artifact
// Changes properties and tags of a locked artifact; other properties and tags stay.
MATCH (a:Artifact {key: $key})
SET a += $changes
WITH a
/*use change-tags n=a*/
RETURN a {.*} AS artifact
