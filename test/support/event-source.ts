import { type IncomingMessage, request } from "node:http";
import { onTestFinished } from "vitest";

/** One event of a stream, unparsed. */
export interface Sent {
  id: string | null;
  event: string;
  data: unknown;
}

/** A stream of Server-Sent Events, read event by event; closed with the test. */
export interface EventSource {
  status: number;
  headers: IncomingMessage["headers"];
  response: IncomingMessage;
  /** The next event; null when the stream ended. */
  next(): Promise<Sent | null>;
  /** Comments so far. */
  comments(): number;
  close(): void;
}

function parse(block: string): Sent {
  const field = (name: string) =>
    block
      .split("\n")
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? null;
  const data = field("data");
  return { id: field("id"), event: field("event") ?? "message", data: data ? JSON.parse(data) : null };
}

/** Sends what EventSource sends, a GET with the document in the query, or with `post` the document in a body. */
export async function openEventSource(
  url: string,
  query: string,
  variables: object,
  { headers = {}, post = false }: { headers?: Record<string, string>; post?: boolean } = {},
): Promise<EventSource> {
  const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(post ? `${url}/graphql` : `${url}/graphql?${search}`, {
      method: post ? "POST" : "GET",
      agent: false,
      headers: { accept: "text/event-stream", ...(post && { "content-type": "application/json" }), ...headers },
    });
    sent.on("response", resolve).on("error", reject);
    sent.end(post ? JSON.stringify({ query, variables }) : undefined);
  });
  onTestFinished(() => void response.destroy());
  const events: Sent[] = [];
  let [text, comments, ended] = ["", 0, false];
  let wake: () => void = () => undefined;
  response.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (block.startsWith(":")) comments += 1;
      else events.push(parse(block));
    }
    wake();
  });
  response
    .on("error", () => undefined)
    .on("close", () => {
      ended = true;
      wake();
    });
  const next = async (): Promise<Sent | null> => {
    while (!events.length && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return events.shift() ?? null;
  };
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    response,
    next,
    comments: () => comments,
    close: () => void response.destroy(),
  };
}
