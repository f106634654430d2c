// name: update-project
// Changes properties of a project; other properties stay.
MATCH (p:Project {name: $name})
SET p += $changes
RETURN p {.*} AS project
