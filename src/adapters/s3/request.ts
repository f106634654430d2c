import type { Readable } from "node:stream";
import { Agent, type Dispatcher } from "undici";
import { watchSilence } from "../../ports/silence.ts";
import { Unavailable } from "../../ports/unavailable.ts";

/** What connections put up with, in milliseconds: idleness (less than stores do), and silence of a store that lives. */
const patience = {
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 4_000,
  headersTimeout: 60_000,
  bodyTimeout: 60_000,
};

/** Codes of a connection that was closed. */
const closed = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);

/** What a request brings: bytes in one piece, or a stream of `length` bytes. */
export type Body = Buffer | { bytes: Readable; length: number };

/** One HTTP request. */
export interface Call {
  method: Dispatcher.HttpMethod;
  url: URL;
  headers?: Record<string, string>;
  body?: Body;
}

/** What came back: the status, the headers, and the bytes, which must be read or destroyed. */
export type Answer = Pick<Dispatcher.ResponseData, "statusCode" | "headers" | "body">;

/** Sends requests over connections that it keeps. */
export interface Sender {
  /**
   * Resolves with the answer, whatever its status, when its head is there. Rejects with the body's own error when that fails, else with
   * `Unavailable`: at once when refused, within 5 seconds when the store falls silent, after a minute when it lives and says nothing. A slow body is
   * not silence. The answer's own bytes fail after a minute of silence.
   */
  send(call: Call): Promise<Answer>;
  close(): void;
}

/** Connections to one endpoint. */
export function sender(endpoint: string): Sender {
  let agent = new Agent(patience);
  const replace = () => {
    const stuck = agent;
    agent = new Agent(patience);
    void stuck.destroy(new Unavailable("blobs", new Error("the server is silent"))); // answers that are being read end with this
  };
  // Not signed: a refusal is an answer too.
  const ask = async (signal: AbortSignal) => {
    const { body } = await agent.request({ origin: endpoint, path: "/", method: "HEAD", signal });
    await body.dump();
  };
  const watch = watchSilence({ store: "blobs", ask, onSilence: replace });
  const request = ({ method, url, headers, body }: Call) => {
    const target = { origin: url.origin, path: url.pathname + url.search, method, headers };
    if (!body || Buffer.isBuffer(body)) return agent.request({ ...target, body: body ?? null });
    const length = { "content-length": String(body.length) };
    return agent.request({ ...target, headers: { ...headers, ...length }, body: body.bytes });
  };
  return {
    send: (call) => watch(() => insisting(() => request(call), call)),
    close: () => void agent.destroy(),
  };
}

/** Once more when the store had closed a kept connection just before: that is safe while the body is in one piece, and twice is like once. */
async function insisting(request: () => Promise<Answer>, { method, body }: Call): Promise<Answer> {
  const stream = body && !Buffer.isBuffer(body) ? body.bytes : undefined;
  let failure: Error | undefined;
  stream?.once("error", (error) => {
    failure = error;
  });
  try {
    return await request().catch((error: unknown) => {
      if (wasClosed(error) && !stream && method !== "POST") return request();
      throw error;
    });
  } catch (error) {
    // A request that fails destroys its stream too; that is heard of only later.
    throw failure ?? new Unavailable("blobs", error);
  }
}

function wasClosed(error: unknown): boolean {
  return error instanceof Error && "code" in error && closed.has(String(error.code));
}
