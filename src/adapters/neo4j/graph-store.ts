import type { Record as Neo4jRecord, Transaction as Neo4jTransaction, Session } from "neo4j-driver";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";
import { type Neo4jOptions, openConnection } from "./connection.ts";
import { toDriver } from "./values.ts";
import { walkNeo4j } from "./walk.ts";

// By hand: the driver's own way to an object took three times as long.
function toRow<R>(record: Neo4jRecord): R {
  const row: Record<PropertyKey, unknown> = {};
  for (const [i, key] of record.keys.entries()) row[key] = record.get(i);
  return row as R;
}

type Runner = Pick<Neo4jTransaction | Session, "run">;

/** The driver notes where each statement comes from, which took 7 % of what a write costs the service: its own stack says less than ours. */
function runUntraced(runner: Runner, text: string, params: Params): ReturnType<Runner["run"]> {
  const parameters = toDriver(params);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return runner.run(text, parameters);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

type Query<R> = Pick<Statement<never, R>, "text" | "fillNulls">;

async function rows<R>(runner: Runner, { text, fillNulls }: Query<R>, params: Params): Promise<R[]> {
  const result = await runUntraced(runner, text, params);
  const found = result.records.map((record) => toRow<R>(record));
  if (fillNulls) for (const row of found) fillNulls(row as never);
  return found;
}

/** `sent` resolves when all that was sent is done. */
function transaction(tx: Neo4jTransaction, signal: AbortSignal): Transaction & { sent(): Promise<unknown> } {
  const waiting: Promise<unknown>[] = [];
  // The first failure tells: what follows it fails in the driver's words, which say nothing.
  const sent = () => Promise.all(waiting);
  return {
    run: async <P extends Params, R>(statement: Statement<P, R>, params: P) => {
      signal.throwIfAborted();
      const answer = rows<R>(tx, statement, params);
      waiting.push(answer);
      await sent();
      return answer;
    },
    // The server takes one after the other, and none after one that failed.
    send: (statement, params) => {
      signal.throwIfAborted();
      const done = rows(tx, statement, params);
      done.catch(() => undefined); // whoever waits for it hears of it
      waiting.push(done);
    },
    sent,
  };
}

/** Neo4j behind the graph port. Nothing is asked of the server until the first call, so the service starts while it is down. */
export function neo4jStore(options: Neo4jOptions): GraphStore {
  const connection = openConnection(options);
  // One statement is a transaction by itself: one message to the server and back, where begin, run and commit take three.
  const query = <R>(statement: Query<R>, params: Params): Promise<R[]> =>
    connection.run("READ", (session) => rows<R>(session, statement, params));
  return {
    read: <P extends Params, R>(statement: Statement<P, R>, params: P) => query<R>(statement, params),
    write: (work) =>
      connection.run("WRITE", async (session, signal) => {
        // Not waited for: the beginning travels with the first statement. Closing the session undoes what isn't committed.
        const tx = session.beginTransaction();
        const statements = transaction(tx, signal);
        const result = await work(statements);
        await statements.sent();
        signal.throwIfAborted();
        await tx.commit();
        return result;
      }),
    walk: (batch, bounds) => walkNeo4j((text, params) => query({ text }, params), batch, bounds),
    check: async () => {
      await query({ text: "RETURN 1 AS one" }, {});
    },
    close: connection.close,
  };
}
