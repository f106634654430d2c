// A project and the stages that it defined.
MATCH (p:Project {name: $project})
OPTIONAL MATCH (s:Stage {project: p.name})
RETURN CASE WHEN s IS NULL THEN null ELSE s {.*} END AS stage
