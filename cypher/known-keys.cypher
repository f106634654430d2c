// Which of these keys of the store a blob, an upload or the location of a version names.
UNWIND $keys AS key
WITH key
WHERE EXISTS { MATCH (b:Blob {key: key}) }
  OR EXISTS { MATCH (u:Upload {key: key}) }
  OR EXISTS { MATCH (v:Version {location: $own + key}) }
RETURN key
