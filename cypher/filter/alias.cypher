EXISTS { MATCH (item)<-[:POINTS_TO]-(selector:Selector) WHERE selector.fixed = false AND /*condition*/ }
