import { createSemaphore } from "../../lib/semaphore.ts";
import { createSlots, holdSlot, type TakeSlot } from "../../lib/slots.ts";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import { DomainError, Overloaded } from "./errors.ts";

const MiB = 2 ** 20;

/**
 * Maxima of one request: statements and walks that run at the same time, so that other requests get their turns between them; bytes of the rows that it
 * reads; and how many requests that read more than `largeBytes` are answered at the same time, of all actors and of each.
 */
const limits = { concurrentReads: 4, bytes: 128 * MiB, largeBytes: 16 * MiB, large: { max: 4, maxPerKey: 2 } };

/** The slots of large answers; one set for each process. */
export function createAnswerSlots(): TakeSlot {
  return createSlots(limits.large);
}

/** Whose request it is, when it ends, and where it takes the slot of a large answer. */
export interface RequestBounds {
  actor: { name: string };
  signal: AbortSignal;
  takeAnswerSlot: TakeSlot;
}

/** About how many bytes a value of a row takes. */
function measure(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  let size = 0;
  for (const item of Object.values(value)) size += measure(item);
  return size;
}

/** Counts the bytes of the rows that a request reads: throws when they are too many, or when too many requests read many. */
function createByteCount({ actor, signal, takeAnswerSlot }: RequestBounds): (rows: unknown[]) => void {
  let [bytes, isLarge] = [0, false];
  return (rows) => {
    bytes += measure(rows);
    if (bytes > limits.bytes) {
      const message = `the answer takes more than ${limits.bytes} bytes of stored data; request fewer items or smaller pages`;
      throw new DomainError("TOO_LARGE", message, { limit: limits.bytes });
    }
    if (bytes <= limits.largeBytes || isLarge) return;
    isLarge = holdSlot(takeAnswerSlot, actor.name, signal);
    if (!isLarge) throw new Overloaded("too many large answers are in progress");
  };
}

/** A transaction that runs no statement once the signal has aborted; what it has written is then rolled back. */
function untilAborted(tx: Transaction, signal: AbortSignal): Transaction {
  return {
    run: async (statement, params) => {
      signal.throwIfAborted();
      return tx.run(statement, params);
    },
    send: (statement, params) => {
      signal.throwIfAborted();
      tx.send(statement, params);
    },
  };
}

/**
 * The graph as one request uses it: few statements at the same time, no more rows than its answer may have, and no statement once its signal has aborted.
 * Those that are running are canceled where the engine can do that.
 */
export function createRequestGraph(graph: GraphStore, bounds: RequestBounds): GraphStore {
  const { signal } = bounds;
  const takeTurn = createSemaphore(limits.concurrentReads);
  const countBytes = createByteCount(bounds);
  return {
    read: (statement, params) =>
      takeTurn(async () => {
        signal.throwIfAborted();
        const rows = await graph.read(statement, params, signal);
        countBytes(rows);
        return rows;
      }),
    walk: (batch, walkBounds) =>
      takeTurn(async () => {
        signal.throwIfAborted();
        return graph.walk(batch, walkBounds, signal);
      }),
    write: async (work) => {
      signal.throwIfAborted();
      return graph.write((tx) => {
        if (signal.aborted)
          throw new Overloaded("the request waited too long for other writes, and nothing was written");
        return work(untilAborted(tx, signal));
      }, signal);
    },
    check: graph.check,
    close: graph.close,
  };
}
