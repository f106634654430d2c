import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/**
 * Sends a GraphQL document that must succeed. The benchmarks use this in place of src/client: `fetch` costs more CPU per request than the
 * service does for a small query, and would be what is measured.
 */
export async function ask<T>(url: string, query: string, variables: object): Promise<T> {
  const body = JSON.stringify({ query, variables });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: "POST", agent, headers }, (response) => resolve(text(response)));
    sent.on("error", reject);
    sent.end(body);
  });
  const { data, errors } = JSON.parse(answer) as { data: T; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
