import type { Transaction as Neo4jTransaction } from "neo4j-driver";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";
import { checkedStore } from "../shared/checked-store.ts";
import { type Neo4jOptions, openConnection } from "./connection.ts";
import { runStatement } from "./run-statement.ts";
import { walkNeo4j } from "./walk.ts";

/** `allSent` resolves once every statement of the transaction has succeeded. */
function createTransaction(tx: Neo4jTransaction, signal: AbortSignal): Transaction & { allSent(): Promise<unknown> } {
  const pending: Promise<unknown>[] = [];
  // The first failure has the real reason; what follows it fails with the driver's own words, which say nothing.
  const allSent = () => Promise.all(pending);
  return {
    run: async <P extends Params, R>(statement: Statement<P, R>, params: P) => {
      signal.throwIfAborted();
      const rows = runStatement(tx, statement, params);
      pending.push(rows);
      await allSent();
      return rows;
    },
    // The server runs statements one after another, and none after one that failed.
    send: (statement, params) => {
      signal.throwIfAborted();
      const rows = runStatement(tx, statement, params);
      rows.catch(() => undefined); // `allSent` rejects with it
      pending.push(rows);
    },
    allSent,
  };
}

/**
 * Neo4j behind the graph port. Nothing is asked of the server until the first call, so the service starts while it is down. The first call also
 * applies the schema; while the server holds a graph that this build can't read, every call rejects with `Unavailable` and nothing is written.
 */
export function neo4jStore(options: Neo4jOptions & { checkRows?: boolean }): GraphStore {
  const connection = openConnection(options);
  const plain: Pick<GraphStore, "read" | "write"> = {
    // An auto-commit transaction takes one round trip; begin, run and commit take three.
    read: (statement, params, signal) =>
      connection.run("READ", (session) => runStatement(session, statement, params), signal),
    write: (work, requestSignal) =>
      connection.run(
        "WRITE",
        async (session, signal) => {
          // Not awaited: the begin travels with the first statement. Closing the session rolls back what isn't committed.
          const tx = session.beginTransaction();
          const transaction = createTransaction(tx, signal);
          const result = await work(transaction);
          await transaction.allSent();
          signal.throwIfAborted();
          await tx.commit();
          return result;
        },
        requestSignal,
      ),
  };
  const { read, write } = options.checkRows ? checkedStore(plain) : plain;
  return {
    read,
    write,
    walk: (batch, bounds, signal) => walkNeo4j((statement, params) => read(statement, params, signal), batch, bounds),
    check: async () => {
      await read({ name: "check", text: "RETURN 1 AS one" }, {});
    },
    close: connection.close,
  };
}
