MATCH (/*name*/:Holder {stage: /*value*/})
