// An upload that begins.
MERGE (u:Thing {id: $id})
ON CREATE SET u:Upload, u += $properties
RETURN u {.*} AS upload
