// Artifacts with several versions in a stage: it can't become exclusive.
MATCH (h:Holder {project: $project}) WHERE h.stage = $stage
WITH h.artifactKey AS artifactKey, count(h) AS versions
WHERE versions > 1
RETURN artifactKey, versions
ORDER BY artifactKey LIMIT 100
