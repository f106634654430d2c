// Webhooks that have something to be told, or to be told again, and that nobody is telling.
MATCH (w:Webhook) WHERE w.enabled AND w.seq < $head AND w.nextAt <= $now AND w.leaseUntil <= $now
RETURN w.id AS id
LIMIT $limit
