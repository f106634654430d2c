import { setTimeout as pause } from "node:timers/promises";
import { type ExecutionArgs, type ExecutionResult, execute } from "graphql";
import { type ErrorLog, isUnavailable } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { type Context, contextOf, createContext } from "../graphql/context.ts";
import { formatResult, getCause } from "../graphql/errors.ts";
import type { Event } from "../model/event.ts";

/** One event as a subscription asks for it, as JSON in UTF-8, and the event's own cursor. */
export interface RenderedEvent {
  json: Buffer;
  cursor: string;
}

/** Bytes after which no more goes into one piece. */
const maxChunkBytes = 65_536;

/** What is told in pieces that can be written at once. */
export function chunkBySize(told: readonly RenderedEvent[]): RenderedEvent[][] {
  const pieces: RenderedEvent[][] = [];
  let [piece, size]: [RenderedEvent[], number] = [[], maxChunkBytes];
  for (const one of told) {
    if (size >= maxChunkBytes) {
      [piece, size] = [[], 0];
      pieces.push(piece);
    }
    piece.push(one);
    size += one.json.length;
  }
  return pieces;
}

/** Milliseconds before an event is told again that couldn't be, because the graph was away. */
const retryDelayMs = 500;

/** How many events are told with what was loaded for one. */
const eventsPerContext = 100;

function failedUnavailable({ errors }: ExecutionResult): boolean {
  return errors?.some((error) => isUnavailable(getCause(error))) === true;
}

/** The contexts in which events are told: one for what is told to an actor in one go, so that one statement loads what many events name. */
function createSharedContexts() {
  const current = new WeakMap<Actor, { context: Context; head: number; left: number }>();
  return {
    take: ({ ports, services, tail, upstreams, actor }: Context): Context => {
      const head = tail.head();
      const known = current.get(actor);
      if (known?.head === head && known.left > 0) {
        known.left -= 1;
        return known.context;
      }
      const context = createContext({ ports, services, tail, upstreams }, actor);
      current.set(actor, { context, head, left: eventsPerContext - 1 });
      return context;
    },
    forget: (actor: Actor) => void current.delete(actor),
  };
}

/** How events are told as things stand now; one that can't be told because the graph is away is told once it is back. */
export function createEventRenderer(log: ErrorLog): (args: ExecutionArgs, event: Event) => Promise<RenderedEvent> {
  const contexts = createSharedContexts();
  const resultOf = async (args: ExecutionArgs, event: Event): Promise<ExecutionResult> => {
    const asked = contextOf(args);
    for (;;) {
      const result = await execute({ ...args, rootValue: event, contextValue: contexts.take(asked) });
      if (!failedUnavailable(result) || asked.tail.ended.aborted) return result;
      contexts.forget(asked.actor);
      await pause(retryDelayMs);
    }
  };
  return async (args, event) => {
    const result = formatResult(await resultOf(args, event), log);
    return { json: Buffer.from(JSON.stringify(result)), cursor: event.cursor };
  };
}
