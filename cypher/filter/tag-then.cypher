EXISTS { MATCH (item)-[:HAS_TAG|HAD_TAG]->(tag) WHERE tag.at <= $asOf AND (tag.until IS NULL OR tag.until > $asOf) AND /*condition*/ }
