// A stage as it shall be from now on; its project's stages are locked already.
MERGE (s:Stage {key: $stage.key})
SET s = $stage
RETURN s.key AS key
