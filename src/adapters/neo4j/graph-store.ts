import type { ManagedTransaction } from "neo4j-driver";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";
import { type Neo4jOptions, openConnection } from "./connection.ts";
import { toDriver } from "./values.ts";
import { walkNeo4j } from "./walk.ts";

const rows = async <R>(tx: ManagedTransaction, text: string, params: Params): Promise<R[]> => {
  const result = await tx.run(text, toDriver(params));
  return result.records.map((record) => record.toObject() as R);
};

const transaction = (tx: ManagedTransaction, signal: AbortSignal): Transaction => ({
  run: async <P extends Params, R>(statement: Statement<P, R>, params: P) => {
    signal.throwIfAborted();
    return rows<R>(tx, statement.text, params);
  },
});

/** Neo4j behind the graph port. Nothing is asked of the server until the first call, so the service starts while it is down. */
export const neo4jStore = (options: Neo4jOptions): GraphStore => {
  const connection = openConnection(options);
  const query = <R>(text: string, params: Params): Promise<R[]> =>
    connection.run("READ", (session) => session.executeRead((tx) => rows<R>(tx, text, params)));
  return {
    read: <P extends Params, R>(statement: Statement<P, R>, params: P) => query<R>(statement.text, params),
    write: (work) =>
      connection.run("WRITE", (session, signal) =>
        session.executeWrite(async (tx) => {
          const result = await work(transaction(tx, signal));
          signal.throwIfAborted();
          return result;
        }),
      ),
    walk: (batch, bounds) => walkNeo4j(query, batch, bounds),
    check: async () => {
      await query("RETURN 1 AS one", {});
    },
    close: connection.close,
  };
};
