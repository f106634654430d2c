EXISTS { MATCH (item)<-[:PRODUCED]-(x:Execution) WHERE /*condition*/ }
