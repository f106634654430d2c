// The approvals of a version for a stage.
MATCH (a:Approval {version: $version}) WHERE a.stage = $stage
RETURN a {.*} AS approval
