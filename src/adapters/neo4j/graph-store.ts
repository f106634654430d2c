import neo4j, { type Driver, type ManagedTransaction, type Session } from "neo4j-driver";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import { type Params, type Statement, schemaStatements } from "../../ports/statement.ts";
import { withRetry } from "./retry.ts";
import { toDriver } from "./values.ts";
import { walkNeo4j } from "./walk.ts";

/** How to reach Neo4j; without `user` no authentication is used, without `database` the server's default. */
export interface Neo4jOptions {
  uri: string;
  user?: string | undefined;
  password?: string | undefined;
  database?: string | undefined;
}

const connect = ({ uri, user, password }: Neo4jOptions): Driver =>
  neo4j.driver(uri, user ? neo4j.auth.basic(user, password ?? "") : undefined, {
    disableLosslessIntegers: true,
    // The driver's own patience is far longer: a refused port was still being tried after 40 s.
    connectionTimeout: 2_000,
    connectionAcquisitionTimeout: 4_000,
    maxTransactionRetryTime: 0,
    maxConnectionPoolSize: 100,
  });

type Runner = Pick<ManagedTransaction, "run">;

const rows = async <R>(runner: Runner, text: string, params: Params): Promise<R[]> => {
  const result = await runner.run(text, toDriver(params));
  return result.records.map((record) => record.toObject() as R);
};

/** Neo4j behind the graph port. Nothing is asked of the server until the first call, so the service starts while it is down. */
export const neo4jStore = (options: Neo4jOptions): GraphStore => {
  const driver = connect(options);
  const bookmarkManager = neo4j.bookmarkManager();
  let schema: Promise<void> | undefined;

  const inSession = async <T>(mode: "READ" | "WRITE", work: (session: Session) => Promise<T>): Promise<T> => {
    const session = driver.session({
      defaultAccessMode: mode,
      bookmarkManager,
      ...(options.database && { database: options.database }),
    });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };

  const applySchema = async (): Promise<void> => {
    await withRetry(() =>
      inSession("WRITE", async (session) => {
        for (const text of schemaStatements("neo4j")) await session.run(text);
        await session.run("CALL db.awaitIndexes(60)");
      }),
    );
  };
  const ready = (): Promise<void> => {
    schema ??= applySchema().catch((error) => {
      schema = undefined;
      throw error;
    });
    return schema;
  };

  const query = async <R>(text: string, params: Params): Promise<R[]> => {
    await ready();
    return withRetry(() => inSession("READ", (session) => session.executeRead((tx) => rows<R>(tx, text, params))));
  };

  return {
    read: <P extends Params, R>(statement: Statement<P, R>, params: P) => query<R>(statement.text, params),
    write: async (work) => {
      await ready();
      const run = (tx: ManagedTransaction): Transaction => ({
        run: <P extends Params, R>(statement: Statement<P, R>, params: P) => rows<R>(tx, statement.text, params),
      });
      return withRetry(() => inSession("WRITE", (session) => session.executeWrite((tx) => work(run(tx)))));
    },
    walk: (roots, direction, bounds) => walkNeo4j(query, roots, direction, bounds),
    check: async () => {
      await query("RETURN 1 AS one", {});
    },
    close: () => driver.close(),
  };
};
