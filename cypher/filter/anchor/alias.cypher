MATCH (item)<-[:POINTS_TO]-(:Selector {name: /*value*/, fixed: false})
