// The approvals of versions.
UNWIND $ids AS id
MATCH (a:Approval {version: id})
RETURN id, {stage: a.stage, actor: a.actor, role: a.role, comment: a.comment, at: a.at} AS value
