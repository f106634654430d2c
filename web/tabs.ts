const lineage = `# Where did the newest weather model come from?
# One request answers, however deep it goes.
# Press play, or Ctrl+Enter.
#
# No data yet? \`npm run demo\` logs some.
# Is a token needed? Under "Headers" below, put
#   { "Authorization": "Bearer <token>" }
#
# Other ways to name a version:
#   weather/model:3  weather/model:production
#   store://model/weather/model:3
#   its id, or sha256:<digest of its file>

query WhereDidItComeFrom {
  lineage(of: ["weather/model"], direction: UPSTREAM) {
    nodes {
      id
      depth # 0: the model, -1: one execution up
      node {
        ... on Version {
          uri
          kind
        }
        ... on Run {
          name
        }
        ... on Step {
          name
          status
        }
      }
    }
    edges {
      from # node ids; edges point along the data
      to
      kind
      slot
    }
    truncated # true: ask with a larger limit
  }
}
`;

const versions = `# What was logged last? Newest first.
# For the next page pass the endCursor as after.
# Ctrl+Space shows what else there is to ask for.

query NewestVersions {
  versions(
    filter: { project: { eq: "weather" } }
    first: 20
  ) {
    totalCount
    nodes {
      uri
      kind
      size
      author
      createdAt
      producers(first: 1) {
        nodes {
          slot
          execution {
            name
            status
          }
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`;

const subscription = `# Watch versions arrive: press play, then log
# something (the first \`npm run demo\` does).
# after: "<last cursor seen>" goes on from there,
# and misses nothing.

subscription VersionsAsTheyArrive {
  versionLogged(project: "weather") {
    cursor
    at
    actor
    version {
      uri
      kind
      size
    }
  }
}
`;

const log = `# Miss nothing: ask first where the log ends now,
# then put that under "Variables" below, as
#   { "after": "<head>" }
# and follow: what was done since then comes first.
# Play asks which of the two is meant.

query WhereTheLogEnds {
  head
}

subscription EverythingFromThere($after: Cursor) {
  events(
    filter: { project: { eq: "weather" } }
    after: $after
  ) {
    cursor
    type
    at
    actor
    version {
      uri
      stage
    }
    run {
      name
      status
    }
  }
}
`;

/** The tabs that a newcomer finds open; valid against `schema.graphql`. */
export const defaultTabs = [{ query: lineage }, { query: versions }, { query: subscription }, { query: log }];
