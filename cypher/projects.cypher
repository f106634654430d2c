// name: update-project
// A project with its changed properties.
MATCH (p:Project {name: $name})
SET p += $changes
RETURN p {.*} AS project
