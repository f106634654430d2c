/** Questions worth asking of what the demo logged: what each answers, and a document to paste. */
export function queriesFor(project: string): { question: string; query: string }[] {
  return [
    {
      question: "Which data and models are behind the newest report?",
      query: `{
  lineage(of: ["${project}/report"], direction: UPSTREAM, granularity: VERSION) {
    nodes { id depth node { ... on Version { uri description } } }
    edges { from to }
  }
}`,
    },
    {
      question: "What was made of the raw table, and by which runs?",
      query: `{
  lineage(of: ["${project}/raw:1"], direction: DOWNSTREAM) {
    nodes { depth node {
      ... on Version { uri createdAt }
      ... on Step { name parameters run { name author } }
    } }
  }
}`,
    },
    {
      question: "How do the models differ, and what came of each?",
      query: `{
  artifact(project: "${project}", name: "model") {
    versions { nodes {
      uri
      model { parameters metrics }
      producers { nodes { execution { name metrics } } }
      consumers { nodes { execution { name outputs { nodes { version { uri metadata } } } } } }
    } }
  }
}`,
    },
    {
      question: "What would a change of the raw table reach in production, and how did that get there?",
      query: `{
  impact(of: "${project}/raw:1") { versions promoted { depth stage version { uri } } }
  artifact(project: "${project}", name: "model") {
    promotions { nodes {
      kind stage at
      version { uri stage }
      previous { uri stage }
      gates { name passed expected found }
    } }
  }
}`,
    },
    {
      question: "How can the newest model be made again?",
      query: `{
  recipe(of: "${project}/model") {
    complete missing
    steps { name code { entryPoint } parameters inputs { slot version { uri digest } } outputs { slot version { uri digest } } }
  }
}`,
    },
    {
      question: "Which runs were the best, and when was their accuracy measured?",
      query: `{
  runs(filter: { project: { eq: "${project}" } }, orderBy: [{ field: METRIC, key: "accuracy" }]) { nodes {
    name parameters metrics
    metricHistory(key: "accuracy") { nodes { step time value } }
    steps { nodes { name metrics outputs { nodes { version { uri } } } } }
  } }
}`,
    },
  ];
}
