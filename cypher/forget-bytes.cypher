// The bytes of these swept contents are gone from the store; one that was stored again meanwhile has another key.
UNWIND $swept AS row
MATCH (b:Blob {id: row.id}) WHERE b.key = row.key AND b.sweptAt IS NOT NULL
SET b.removedAt = $now
