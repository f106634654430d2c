// The approvals of a version for a stage.
UNWIND [$version] AS version
MATCH (a:Approval {version: version}) WHERE a.stage = $stage
RETURN a {.*} AS approval
