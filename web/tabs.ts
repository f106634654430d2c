const lineage = `# Where did the newest weather model come from?
# One request returns the whole lineage, however deep.
# Run it with the play button or Ctrl+Enter.
#
# No data yet? \`npm run demo\` logs some.
# If the service requires a token, add it under
# "Headers" below:
#   { "Authorization": "Bearer <token>" }
#
# Other ways to name a version:
#   weather/model:1  weather/model:production
#   store://model/weather/model:1
#   an id, or sha256:<digest of the file>

query WhereDidItComeFrom {
  lineage(of: ["weather/model"], direction: UPSTREAM) {
    nodes {
      id
      depth # 0: the model, -1: one run or step upstream
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
      from # node ids; edges follow the flow of data
      to
      kind
      slot
    }
    truncated # true: raise "limit" to see more
  }
}
`;

const versions = `# Which versions were logged last? Newest first.
# For the next page, pass endCursor as "after".
# Ctrl+Space lists more fields.

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

const subscription = `# Watch versions as they are logged: press play, then
# log one. Use a second browser window for that,
# because another tab on this page would stop the
# subscription. Run there:
#   mutation { logVersion(input: { project: "weather", name: "note" }) { version { uri } } }
# To resume later without missing a version:
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

const log = `# Follow every event without missing one.
# The play button lets you choose an operation.
# 1. Run WhereTheLogEnds to get the head.
# 2. Enter it under "Variables" below:
#      { "after": "<head>" }
# 3. Run EverythingFromThere to see all events since.
# Without "after" it starts now and shows nothing until
# something happens, for example in another window.

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

/** The tabs that are open on a first visit. Each must be valid against `schema.graphql`. */
export const defaultTabs = [{ query: lineage }, { query: versions }, { query: subscription }, { query: log }];
