(item.state = 'READY' AND NOT EXISTS {
  MATCH (newer:Version {artifactKey: item.artifactKey})
  WHERE newer.number > item.number AND newer.state = 'READY'
})
