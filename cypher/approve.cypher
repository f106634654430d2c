// Keeps an approval: one of each actor for a version and stage. The artifact is locked already.
MERGE (a:Approval {key: $approval.key})
SET a = $approval
RETURN a.key AS key
