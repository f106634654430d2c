import * as http from "node:http";
import * as https from "node:https";
import type { Readable } from "node:stream";
import { Unavailable } from "../../ports/unavailable.ts";

/** A store that has said nothing yet counts as unavailable after this long. */
const firstByteTimeoutMs = 3_500;
/** A store that has said something counts as unavailable after this long without another byte. */
const idleTimeoutMs = 60_000;
/** How long an idle connection is kept: less than stores keep it, so that they seldom close one that is about to be used. */
const keepAliveMs = 4_000;
/** After this long a body is sent although the store has not asked for it with `100 Continue`, which some proxies never pass on. */
const continueTimeoutMs = 500;

/** A request's body: a few bytes in memory, or a stream of `length` bytes. */
export type Body = Buffer | { bytes: Readable; length: number };

/** One HTTP request. */
export interface Call {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: Body;
}

/** Sends requests over connections that it keeps. */
export interface Requester {
  /**
   * Resolves with the response, whatever its status, when its headers have arrived. Rejects with the error of the request's body when that fails,
   * otherwise with `Unavailable`: at once when the connection is refused, within 5 seconds when the store is unresponsive. A slow source does not
   * count against the store.
   */
  send(call: Call): Promise<http.IncomingMessage>;
  close(): void;
}

/** Connections to one endpoint, `http:` or `https:`. */
export function createRequester(protocol: string): Requester {
  const module = protocol === "https:" ? https : http;
  const agent = new module.Agent({ keepAlive: true, timeout: keepAliveMs });
  // A stream is sent only after `100 Continue`: the store can refuse before the source is touched, and a closed connection is noticed in time to retry.
  const open = ({ method, url, headers, body }: Call) => {
    const bodyHeaders = body && {
      "Content-Length": String(body.length),
      ...(!Buffer.isBuffer(body) && { Expect: "100-continue" }),
    };
    return module.request(url, { method, agent, headers: { ...headers, ...bodyHeaders } });
  };
  return {
    async send(call) {
      const response = (await attempt(open(call), call.body)) ?? (await attempt(open(call), call.body));
      if (!response) throw new Unavailable("blobs", new Error("the store keeps closing connections"));
      return response;
    },
    close: () => agent.destroy(),
  };
}

/** Undefined when the store had just closed the kept connection: a retry is safe, as the body is untouched or in memory. */
function attempt(request: http.ClientRequest, body: Call["body"]): Promise<http.IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const state: Progress = { request, sending: false, alive: false };
    request.on("error", (error) => {
      if (request.reusedSocket && !state.sending && !state.alive && isReset(error)) resolve(undefined);
      else reject(new Unavailable("blobs", error));
    });
    request.once("response", (response) => {
      state.response = response;
      response.once("close", () => request.writableFinished || request.destroy()); // it came before the whole body was sent
      resolve(response);
    });
    limitFirstByte(state);
    limitIdleTime(state);
    sendBody(state, body, reject);
  });
}

interface Progress {
  request: http.ClientRequest;
  /** The body is being sent. */
  sending: boolean;
  /** The store has said something. */
  alive: boolean;
  response?: http.IncomingMessage;
}

function sendBody(state: Progress, body: Call["body"], reject: (error: Error) => void): void {
  const { request } = state;
  if (!body || Buffer.isBuffer(body)) return void request.end(body);
  const start = () => {
    if (state.sending || state.response || request.destroyed) return;
    state.sending = true;
    body.bytes.pipe(request);
  };
  const timer = setTimeout(start, continueTimeoutMs);
  request.once("close", () => clearTimeout(timer));
  request.once("continue", start);
  request.once("response", () => body.bytes.unpipe(request));
  body.bytes.once("error", (error) => {
    reject(error);
    request.destroy();
  });
}

function createTimeoutError(): Error {
  return new Error("the store is unresponsive");
}

/** Until the store says something, only its taking of bytes extends the time that it has. */
function limitFirstByte(state: Progress): void {
  const { request } = state;
  const check = () => (waitsForStore(state) ? request.destroy(createTimeoutError()) : timer.refresh());
  const timer = setTimeout(check, firstByteTimeoutMs);
  const onAlive = () => {
    state.alive = true;
    clearTimeout(timer);
    request.setTimeout(idleTimeoutMs);
  };
  request.on("drain", () => state.alive || timer.refresh());
  request.once("continue", onAlive);
  request.once("response", onAlive);
  request.once("close", () => clearTimeout(timer));
}

/** Uses the socket's own timeout: no byte went either way. */
function limitIdleTime(state: Progress): void {
  const { request } = state;
  request.on("timeout", () => {
    if (!state.alive) return;
    if (!waitsForStore(state)) request.setTimeout(idleTimeoutMs);
    else if (state.response) state.response.destroy(new Unavailable("blobs", createTimeoutError()));
    else request.destroy(createTimeoutError());
  });
}

/** Whether the store must act next, rather than our source or the reader of the response. */
function waitsForStore({ request, response, sending }: Progress): boolean {
  if (response) return response.readableLength === 0;
  return !sending || request.writableNeedDrain || request.writableEnded;
}

function isReset(error: Error): boolean {
  return "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
}
