import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ExecutionArgs, type ExecutionResult, execute, type GraphQLSchema, getOperationAST } from "graphql";
import { type ErrorLog, invalid } from "../domain/core/errors.ts";
import { createRequestEnd } from "../domain/core/request-end.ts";
import type { EncodedChunk, RenderedEvent, RenderedEvents } from "../domain/events/event-batch.ts";
import type { Context, ContextInput } from "../graphql/context.ts";
import { formatResult, toGraphQLError } from "../graphql/errors.ts";
import { findValidationErrors, parseAndLimit } from "../graphql/limits.ts";
import { isRecord } from "../lib/is-record.ts";
import { batchWrites, type ConnectionTimeouts } from "./connection-watch.ts";
import type { Subscribe } from "./subscribe.ts";

/** What Server-Sent Events need. */
export interface EventStreamOptions {
  schema: GraphQLSchema;
  contextOf: (input: ContextInput) => Context;
  subscribe: Subscribe;
  timeouts: ConnectionTimeouts;
  /** Milliseconds that a query or mutation may take. */
  requestTimeoutMs: number;
  log: ErrorLog;
}

/** Server-Sent Events over a schema. */
export interface EventStreams {
  /** Answers a request with a stream: the protocol of graphql-sse in its mode of distinct connections. */
  handle(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends all streams without `complete`: clients reconnect and resume. */
  close(): void;
}

/** Whether a request accepts Server-Sent Events. */
export function acceptsEventStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes("text/event-stream") === true;
}

interface GraphQLRequest {
  query: string;
  operationName: string | null;
  variables: Record<string, unknown> | null;
}

function parseVariables(given: unknown): Record<string, unknown> | null {
  if (given === undefined || given === null || given === "") return null;
  const variables = typeof given === "string" ? parseJson(given) : given;
  if (!isRecord(variables)) throw invalid("variables", "must be a JSON object");
  return variables;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("variables", "must be JSON");
  }
}

/** The operation of a request: in the query of a GET, as JSON in the body of a POST. */
function parseRequest(request: FastifyRequest): GraphQLRequest {
  const given = request.method === "GET" ? request.query : request.body;
  const { query, operationName, variables } = isRecord(given) ? given : {};
  if (typeof query !== "string") throw invalid("query", "a GraphQL document is required");
  return {
    query,
    operationName: typeof operationName === "string" ? operationName : null,
    variables: parseVariables(variables),
  };
}

const messageEnd = Buffer.from("\n\n");

/** One message of the stream. A client that reconnects sends the `id` of the last one that it received. */
function encodeMessage(event: string, data: Buffer, id?: string): Buffer {
  return Buffer.concat([Buffer.from(`${id ? `id: ${id}\n` : ""}event: ${event}\ndata: `), data, messageEnd]);
}

function encodeMessages(events: readonly RenderedEvent[]): EncodedChunk {
  const messages = events.map(({ json, cursor }) => encodeMessage("next", json, cursor));
  return { bytes: Buffer.concat(messages), idOffsets: [], freeCopies: [] };
}

/** A stream to one client: sends no faster than the client reads, and a comment from time to time. */
function openStream(raw: ServerResponse, { heartbeatIntervalMs }: Pick<ConnectionTimeouts, "heartbeatIntervalMs">) {
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  const gather = batchWrites(raw);
  const closed = new AbortController();
  let isBlocked = false;
  const sendComment = () => isBlocked || closed.signal.aborted || raw.write(":\n\n");
  const timer = setInterval(sendComment, heartbeatIntervalMs);
  const end = (): void => {
    clearInterval(timer);
    closed.abort();
    raw.end();
  };
  raw.on("error", () => raw.destroy()).on("close", end);
  if (raw.destroyed) end();
  sendComment();
  return {
    closed: closed.signal,
    end,
    /** Sends messages; resolves when more may be sent. */
    send: async (messages: Buffer): Promise<void> => {
      if (closed.signal.aborted) return;
      gather();
      if (raw.write(messages)) return;
      isBlocked = true;
      // A client that is too slow is cut off by the server's minimum rate; it resumes from its last cursor.
      await once(raw, "drain", { signal: closed.signal }).catch(() => undefined);
      isBlocked = false;
    },
  };
}
type Stream = ReturnType<typeof openStream>;

/** What a request asks to execute; throws what is wrong with it. */
function prepare(
  { schema, contextOf, requestTimeoutMs }: EventStreamOptions,
  request: FastifyRequest,
  response: ServerResponse,
  { query, operationName, variables }: GraphQLRequest,
): ExecutionArgs {
  const document = parseAndLimit(query, { schema, variables });
  const [error] = findValidationErrors(schema, document);
  if (error) throw error;
  const operation = getOperationAST(document, operationName);
  if (!operation) throw invalid("operationName", "must name one of the document's operations");
  if (request.method === "GET" && operation.operation === "mutation")
    throw invalid("query", "a mutation cannot be sent by GET; use POST");
  const lastEventId = request.headers["last-event-id"];
  const { signal, end } = createRequestEnd(operation.operation === "subscription" ? null : requestTimeoutMs);
  response.once("close", end);
  const resumeFrom = typeof lastEventId === "string" && lastEventId ? lastEventId : null;
  return {
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: contextOf({ actor: request.context.actor, signal, resumeFrom }),
  };
}

/** Sends events until they end or the client is gone. */
async function sendEvents(
  stream: Stream,
  events: AsyncGenerator<RenderedEvents, void>,
  encodeResult: (result: ExecutionResult) => Buffer,
): Promise<void> {
  const stop = () => void events.return();
  stream.closed.addEventListener("abort", stop);
  if (stream.closed.aborted) stop();
  try {
    for await (const some of events) {
      for (const { bytes } of some.encode("sse", encodeMessages)) await stream.send(bytes);
    }
  } catch (error) {
    await stream.send(encodeMessage("next", encodeResult({ errors: [toGraphQLError(error)] })));
  }
}

/** Creates Server-Sent Events over a schema. */
export function createEventStreams(options: EventStreamOptions): EventStreams {
  const streams = new Set<Stream>();
  let isClosing = false;

  const encodeResult = (result: ExecutionResult) => Buffer.from(JSON.stringify(formatResult(result, options.log)));
  const start = async (request: FastifyRequest, response: ServerResponse, parsed: GraphQLRequest) => {
    try {
      const args = prepare(options, request, response, parsed);
      const operation = getOperationAST(args.document, args.operationName);
      return operation?.operation === "subscription" ? await options.subscribe(args) : await execute(args);
    } catch (error) {
      // A client that expects a stream can't read any other answer: errors are sent in the stream.
      return { errors: [toGraphQLError(error)] };
    }
  };
  return {
    handle: async (request, reply) => {
      const parsed = parseRequest(request);
      reply.hijack();
      // The stream opens once the subscription has started: a client that sees it open receives everything from then on.
      const result = await start(request, reply.raw, parsed);
      const stream = openStream(reply.raw, options.timeouts);
      streams.add(stream);
      if (isClosing) stream.end();
      if (Symbol.asyncIterator in result) await sendEvents(stream, result, encodeResult);
      else await stream.send(encodeMessage("next", encodeResult(result)));
      await stream.send(encodeMessage("complete", Buffer.alloc(0)));
      stream.end();
      streams.delete(stream);
    },
    close: () => {
      isClosing = true;
      for (const stream of streams) stream.end();
    },
  };
}
