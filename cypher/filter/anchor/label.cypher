MATCH (item)-[:HAS_LABEL]->(:Label {key: /*key*/, value: /*value*/})
