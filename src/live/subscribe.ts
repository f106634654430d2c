import { setTimeout as pause } from "node:timers/promises";
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from "graphql";
import { type ErrorLog, isUnavailable } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { createRequestEnd } from "../domain/core/request-end.ts";
import { EventSelection, type RenderedEvent, RenderedEvents } from "../domain/events/event-batch.ts";
import { type Context, type ContextInput, contextOf } from "../graphql/context.ts";
import { formatResult, getCause } from "../graphql/errors.ts";
import { closableIterator } from "../lib/closable-iterator.ts";
import { getOrCreate } from "../lib/get-or-create.ts";
import type { Event } from "../model/event.ts";
import { getDocumentKey } from "./document-key.ts";

/** Starts a subscription. Resolves with its events, several at a time, or with the errors for which it was refused. */
export type Subscribe = (args: ExecutionArgs) => Promise<AsyncGenerator<RenderedEvents, void> | ExecutionResult>;

/** What subscriptions need. */
export interface SubscribeOptions {
  contextOf: (input: ContextInput) => Context;
  /** Milliseconds that rendering an event may take. */
  requestTimeoutMs: number;
  log: ErrorLog;
}

/** Milliseconds before an event is rendered again that could not be rendered because the graph was unavailable. */
const retryDelayMs = 500;

/** Maximum events that are rendered with the same loaders, and for how many milliseconds these are used. */
const contextLimits = { events: 100, ageMs: 1_000 };

/**
 * The contexts in which events are rendered. Those that an actor receives between two growths of the log share one, so that one statement loads what
 * many events refer to.
 */
function createSharedContexts({ contextOf, requestTimeoutMs }: SubscribeOptions) {
  const current = new WeakMap<Actor, { context: Context; head: number; createdAt: number; usesLeft: number }>();
  return {
    take: ({ actor, services }: Context): Context => {
      const head = services.eventLog.tail.head();
      const now = performance.now();
      const known = current.get(actor);
      if (known?.head === head && known.usesLeft > 0 && now - known.createdAt < contextLimits.ageMs) {
        known.usesLeft -= 1;
        return known.context;
      }
      const context = contextOf({ actor, signal: createRequestEnd(requestTimeoutMs).signal });
      current.set(actor, { context, head, createdAt: now, usesLeft: contextLimits.events - 1 });
      return context;
    },
    discard: (actor: Actor) => void current.delete(actor),
  };
}

function isUnavailableResult({ errors }: ExecutionResult): boolean {
  return errors?.some((error) => isUnavailable(getCause(error))) === true;
}

type RenderEvent = (args: ExecutionArgs, event: Event) => Promise<RenderedEvent>;

/** Renders events as things stand now. While the graph is unavailable, an event is tried again. */
function createEventRenderer(options: SubscribeOptions): RenderEvent {
  const contexts = createSharedContexts(options);
  const executeOn = async (args: ExecutionArgs, event: Event): Promise<ExecutionResult> => {
    const subscriber = contextOf(args);
    for (;;) {
      const result = await execute({ ...args, rootValue: event, contextValue: contexts.take(subscriber) });
      if (!isUnavailableResult(result) || subscriber.services.eventLog.tail.ended.aborted) return result;
      contexts.discard(subscriber.actor);
      await pause(retryDelayMs);
    }
  };
  return async (args, event) => {
    const result = formatResult(await executeOn(args, event), options.log);
    return { json: Buffer.from(JSON.stringify(result)), cursor: event.cursor };
  };
}

/** Counts the readers of each document. */
function createReaderCounts() {
  const counts = new Map<string, { readers: number }>();
  return {
    join: (document: string) => {
      const count = getOrCreate(counts, document, () => ({ readers: 0 }));
      count.readers += 1;
      const leave = (): void => {
        count.readers -= 1;
        if (!count.readers) counts.delete(document);
      };
      return { count, leave };
    },
  };
}

/**
 * Creates the function that starts subscriptions. Subscriptions of the same actor whose documents ask for the same share the rendering of events, so
 * that a thousand dashboards cost the graph as much as one.
 */
export function createSubscribe(options: SubscribeOptions): Subscribe {
  const documents = createReaderCounts();
  const render = createEventRenderer(options);

  return async (args) => {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const selections = source[Symbol.asyncIterator]();
    const document = getDocumentKey(args);
    const { count, leave } = documents.join(document);
    const renderEvent = (event: Event) => render(args, event);
    const renderAll = async (selection: EventSelection): Promise<RenderedEvents> => {
      // What a single reader gets is not kept for others.
      if (count.readers > 1) return selection.render(document, renderEvent);
      return new RenderedEvents(await Promise.all(selection.events.map(renderEvent)));
    };
    const next = async (): Promise<RenderedEvents | null> => {
      const { done, value } = await selections.next();
      if (done) return null;
      if (!(value instanceof EventSelection)) throw new TypeError("a subscription must yield selections of events");
      return renderAll(value);
    };
    return closableIterator(next, () => {
      leave();
      void selections.return?.();
    });
  };
}
