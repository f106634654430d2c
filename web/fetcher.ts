import { createGraphiQLFetcher, type Fetcher } from "@graphiql/toolkit";

/**
 * Sends queries and mutations to `/graphql` of the page's own origin by POST, and subscriptions there by graphql-ws.
 * What stands in the headers editor goes along as request headers, and as connection parameters of the websocket.
 */
export function createFetcher(origin: string): Fetcher {
  return createGraphiQLFetcher({
    url: new URL("/graphql", origin).href,
    subscriptionUrl: new URL("/graphql", origin.replace(/^http/, "ws")).href,
    enableIncrementalDelivery: false,
  });
}
