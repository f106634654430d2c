import { createSemaphore } from "../../lib/semaphore.ts";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import { Overloaded } from "./errors.ts";

/** How many statements and walks of one request run at the same time: other requests get their turns between them. */
const maxConcurrentReads = 4;

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
 * The graph as one request uses it: few statements at the same time, and none once its signal has aborted. Those that are running are canceled where the
 * engine can do that.
 */
export function createRequestGraph(graph: GraphStore, signal: AbortSignal): GraphStore {
  const takeTurn = createSemaphore(maxConcurrentReads);
  return {
    read: (statement, params) =>
      takeTurn(async () => {
        signal.throwIfAborted();
        return graph.read(statement, params, signal);
      }),
    walk: (batch, bounds) =>
      takeTurn(async () => {
        signal.throwIfAborted();
        return graph.walk(batch, bounds, signal);
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
