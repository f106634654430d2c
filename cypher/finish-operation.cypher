// What the write gave, and the events that tell of it: Pending until they are numbered.
MATCH (o:Operation {key: $key})
SET o.result = $result
WITH o
UNWIND $events AS event
CREATE (e:Event:Pending)
SET e = event
