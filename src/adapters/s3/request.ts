import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import { Unavailable } from "../../ports/unavailable.ts";

/** Milliseconds of silence until a store that has not answered at all counts as away, and one that already has. */
const firstAnswer = 3_500;
const nextAnswer = 60_000;
/** Milliseconds that an idle connection is kept: less than stores do, so that they seldom close one that is about to be used. */
const idle = 4_000;
/** Milliseconds until a body is sent although the store has not asked for it: some proxies never pass that on. */
const unasked = 500;

/** What a request brings: a few bytes in memory, or a stream of `length` bytes. */
export type Body = Buffer | { bytes: Readable; length: number };

/** One HTTP request. */
export interface Call {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: Body;
}

/** Sends requests over connections that it keeps. */
export interface Sender {
  /**
   * Resolves with the answer, whatever its status, when its head is there. Rejects with the body's own error when that fails, else with
   * `Unavailable`: at once when refused, within 5 seconds when there is silence. A slow body is not silence.
   */
  send(call: Call): Promise<http.IncomingMessage>;
  close(): void;
}

/** Connections to one endpoint, `http:` or `https:`. */
export function sender(protocol: string): Sender {
  const module = protocol === "https:" ? https : http;
  const agent = new module.Agent({ keepAlive: true, timeout: idle });
  // With a stream the store is asked first: it refuses before the source is touched, and a dead connection is noticed in time for another try.
  const open = ({ method, url, headers, body }: Call) => {
    const length = body && {
      "Content-Length": String(body.length),
      ...(!Buffer.isBuffer(body) && { Expect: "100-continue" }),
    };
    return module.request(url, { method, agent, headers: { ...headers, ...length } });
  };
  return {
    async send(call) {
      return (await attempt(open(call), call.body)) ?? (await attempt(open(call), call.body)) ?? goneTwice();
    },
    close: () => agent.destroy(),
  };
}

function goneTwice(): never {
  throw new Unavailable("blobs", new Error("connections keep being closed"));
}

/** Undefined when the store had closed a kept connection just before: the same again is safe, the body is untouched or in memory. */
function attempt(request: http.ClientRequest, body: Call["body"]): Promise<http.IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const state: Progress = { request, sending: false, alive: false };
    request.on("error", (error) => {
      if (request.reusedSocket && !state.sending && !state.alive && isReset(error)) resolve(undefined);
      else reject(new Unavailable("blobs", error));
    });
    request.once("response", (response) => {
      state.response = response;
      response.once("close", () => request.writableFinished || request.destroy()); // answered without wanting the body
      resolve(response);
    });
    boundFirstSilence(state);
    boundLaterSilence(state);
    sendBody(state, body, reject);
  });
}

interface Progress {
  request: http.ClientRequest;
  /** The body is under way. */
  sending: boolean;
  /** The store has said something. */
  alive: boolean;
  response?: http.IncomingMessage;
}

function sendBody(state: Progress, body: Call["body"], reject: (error: Error) => void): void {
  const { request } = state;
  if (!body || Buffer.isBuffer(body)) return void request.end(body);
  const begin = () => {
    if (state.sending || state.response || request.destroyed) return;
    state.sending = true;
    body.bytes.pipe(request);
  };
  const timer = setTimeout(begin, unasked);
  request.once("close", () => clearTimeout(timer));
  request.once("continue", begin);
  request.once("response", () => body.bytes.unpipe(request));
  body.bytes.once("error", (error) => {
    reject(error);
    request.destroy();
  });
}

/** Until the store says something, only its taking of bytes keeps the request going. */
function boundFirstSilence(state: Progress): void {
  const { request } = state;
  const check = () => (waitsForClient(state) ? request.destroy(new Error("silence")) : timer.refresh());
  const timer = setTimeout(check, firstAnswer);
  const alive = () => {
    state.alive = true;
    clearTimeout(timer);
    request.setTimeout(nextAnswer);
  };
  request.on("drain", () => state.alive || timer.refresh());
  request.once("continue", alive);
  request.once("response", alive);
  request.once("close", () => clearTimeout(timer));
}

/** The socket's own timeout: nothing went either way for a while. */
function boundLaterSilence(state: Progress): void {
  const { request } = state;
  request.on("timeout", () => {
    if (!state.alive) return;
    if (!waitsForClient(state)) request.setTimeout(nextAnswer);
    else if (state.response) state.response.destroy(new Unavailable("blobs", new Error("silence")));
    else request.destroy(new Error("silence"));
  });
}

/** Whether it is the store that we wait for, and not our source or the reader of the answer. */
function waitsForClient({ request, response, sending }: Progress): boolean {
  if (response) return response.readableLength === 0;
  return !sending || request.writableNeedDrain || request.writableEnded;
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
