const lineage = `# Where did the newest weather model come from?
# One request answers, however deep it goes.
# Press play, or Ctrl+Enter.
#
# No data yet? \`npm run demo\` logs some.
# Is a token needed? Under "Headers" below, put
#   { "Authorization": "Bearer <token>" }
#
# Other ways to name a version:
#   weather/model:1  weather/model:production
#   store://model/weather/model:1
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

const subscription = `# Watch versions arrive: press play. Nothing shows
# until a version is logged. To log one, open this
# page in a second browser window (another tab in
# here would stop the subscription) and play this:
#   mutation { logVersion(input: { project: "weather", name: "note" }) { version { uri } } }
# To go on where you stopped, and miss nothing:
#   versionLogged(after: "<last cursor seen>", ...)

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

const log = `# Follow everything that happens, and miss nothing.
# Play asks which of the two operations is meant.
# 1. WhereTheLogEnds gives the head.
# 2. Put it under "Variables" below:
#      { "after": "<head>" }
# 3. EverythingFromThere shows what was done since.
# Without "after" it starts now and waits: nothing
# shows until something is done, in another window.

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
