import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type ExecutionArgs, type ExecutionResult, execute, type GraphQLSchema, getOperationAST } from "graphql";
import { type ErrorLog, invalid } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { Context } from "../graphql/context.ts";
import { formatResult, toGraphQLError } from "../graphql/errors.ts";
import { findValidationErrors, parseAndLimit } from "../graphql/limits.ts";
import { memoizeWeak } from "../lib/memoize.ts";
import { chunkBySize, type RenderedEvent } from "./render-event.ts";
import type { Subscribe } from "./shared-subscriptions.ts";
import { batchWrites, type ConnectionTimeouts } from "./websocket-backpressure.ts";

/** What the door of Server-Sent Events needs. */
export interface EventStreamOptions {
  schema: GraphQLSchema;
  contextOf: (actor: Actor, resumeFrom: string | null) => Context;
  subscribe: Subscribe;
  patience: ConnectionTimeouts;
  log: ErrorLog;
}

/** The door of Server-Sent Events. */
export interface EventStreams {
  /** Answers with a stream, by the protocol of graphql-sse in its mode of distinct connections. */
  handle(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends all streams; clients that come back resume where they were. */
  close(): void;
}

/** Whether a request wants its answer as Server-Sent Events. */
export function wantsEventStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes("text/event-stream") === true;
}

interface GraphQLRequest {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown> | null;
}

function parseVariables(given: unknown): unknown {
  if (typeof given !== "string") return given;
  try {
    return given ? JSON.parse(given) : null;
  } catch {
    throw invalid("variables", "not JSON");
  }
}

/** What is asked: in the query of a GET, as JSON in the body of a POST. */
function parseRequest({ method, query, body }: FastifyRequest): GraphQLRequest {
  const given = ((method === "GET" ? query : body) ?? {}) as Record<string, unknown>;
  const variables = parseVariables(given.variables) ?? null;
  if (typeof given.query !== "string") throw invalid("query", "a document is wanted");
  if (typeof variables !== "object" || Array.isArray(variables)) throw invalid("variables", "an object is wanted");
  const operationName = typeof given.operationName === "string" ? given.operationName : null;
  return { query: given.query, operationName, variables: variables as GraphQLRequest["variables"] };
}

const messageEnd = Buffer.from("\n\n");

/** A message of the stream; a client that comes back names the `id` of the last. */
function message(event: string, data: Buffer, id?: string): Buffer {
  return Buffer.concat([Buffer.from(`${id ? `id: ${id}\n` : ""}event: ${event}\ndata: `), data, messageEnd]);
}

/** What is told as messages, in pieces to be written at once: put together once for all who are told the same. */
const toChunks = memoizeWeak((told: readonly RenderedEvent[]) =>
  chunkBySize(told).map((some) => Buffer.concat(some.map(({ json, cursor }) => message("next", json, cursor)))),
);

/** One stream to one client: messages as fast as they are read, and a comment now and then. */
function openStream(raw: ServerResponse, { keepAlive }: Pick<ConnectionTimeouts, "keepAlive">) {
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  const gather = batchWrites(raw);
  const gone = new AbortController();
  let stuck = false;
  const comment = () => stuck || gone.signal.aborted || raw.write(":\n\n");
  const timer = setInterval(comment, keepAlive);
  const end = (): void => {
    clearInterval(timer);
    gone.abort();
    raw.end();
  };
  raw.on("error", () => raw.destroy()).on("close", end);
  if (raw.destroyed) end();
  comment();
  return {
    gone: gone.signal,
    end,
    send: async (messages: Buffer): Promise<void> => {
      if (gone.signal.aborted) return;
      gather();
      if (raw.write(messages)) return;
      stuck = true;
      // One that reads nothing for too long is cut off like all that stall; its last cursor tells it where to go on.
      await once(raw, "drain", { signal: gone.signal }).catch(() => undefined);
      stuck = false;
    },
  };
}
type Stream = ReturnType<typeof openStream>;

/** What a request asks to be executed; refusals are thrown. */
function prepare(
  { schema, contextOf }: EventStreamOptions,
  request: FastifyRequest,
  asked: GraphQLRequest,
): ExecutionArgs {
  const { query, operationName, variables } = asked;
  const document = parseAndLimit(query, { schema, variables });
  const [error] = findValidationErrors(schema, document);
  if (error) throw error;
  const operation = getOperationAST(document, operationName);
  if (!operation) throw invalid("operationName", "say which of the document's operations is meant");
  if (request.method === "GET" && operation.operation === "mutation") throw invalid("query", "a mutation goes by POST");
  const seen = request.headers["last-event-id"];
  const contextValue = contextOf(request.context.actor, typeof seen === "string" && seen ? seen : null);
  return { schema, document, operationName, variableValues: variables, contextValue };
}

/** Server-Sent Events over a schema. */
export function createEventStreams(options: EventStreamOptions): EventStreams {
  const streams = new Set<Stream>();
  let closing = false;

  const printed = (result: ExecutionResult): Buffer => Buffer.from(JSON.stringify(formatResult(result, options.log)));

  const begin = async (request: FastifyRequest, asked: GraphQLRequest) => {
    try {
      const args = prepare(options, request, asked);
      const operation = getOperationAST(args.document, args.operationName);
      return operation?.operation === "subscription" ? await options.subscribe(args) : await execute(args);
    } catch (error) {
      // A client that made a stream can't read another answer: refusals come in it.
      return { errors: [toGraphQLError(error)] };
    }
  };
  const tell = async (told: AsyncGenerator<RenderedEvent[], void>, stream: Stream): Promise<void> => {
    const stop = () => void told.return();
    stream.gone.addEventListener("abort", stop);
    if (stream.gone.aborted) stop();
    try {
      for await (const some of told) {
        for (const piece of toChunks(some)) await stream.send(piece);
      }
    } catch (error) {
      await stream.send(message("next", printed({ errors: [toGraphQLError(error)] })));
    }
  };

  return {
    handle: async (request, reply) => {
      const asked = parseRequest(request);
      reply.hijack();
      // The stream opens once the subscription has begun: whoever sees it open misses nothing from then on.
      const told = await begin(request, asked);
      const stream = openStream(reply.raw, options.patience);
      streams.add(stream);
      if (closing) stream.end();
      await (Symbol.asyncIterator in told ? tell(told, stream) : stream.send(message("next", printed(told))));
      await stream.send(message("complete", Buffer.alloc(0)));
      stream.end();
      streams.delete(stream);
    },
    close: () => {
      closing = true;
      for (const stream of streams) stream.end();
    },
  };
}
