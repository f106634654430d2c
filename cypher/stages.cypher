// A project and the stages that it defined.
MATCH (p:Project {name: $project})
CALL (p) {
  MATCH (s:Stage {project: p.name})
  RETURN collect(s {.*}) AS stages
}
RETURN stages
