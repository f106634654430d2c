MATCH (item)-[:HAS_TAG]->(:Tag {name: /*value*/})
