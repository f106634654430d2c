EXISTS { MATCH (holder:Holder {version: item.id}) WHERE /*condition*/ }
