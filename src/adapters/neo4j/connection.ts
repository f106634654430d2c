import { setTimeout as pause } from "node:timers/promises";
import neo4j, { type BookmarkManager, type Driver, Neo4jError, type Session } from "neo4j-driver";
import { schemaStatements } from "../../lib/cypher-files.ts";
import { withRetry } from "./retry.ts";
import { watchSilence } from "./silence.ts";

/** How to reach Neo4j; without `user` no authentication is used, without `database` the server's default. */
export interface Neo4jOptions {
  uri: string;
  user?: string | undefined;
  password?: string | undefined;
  database?: string | undefined;
}

/** Work in a session of its own, `signal` aborting when it was given up: it must not go on then, its caller was told that it failed. */
export type Work<T> = (session: Session, signal: AbortSignal) => Promise<T>;

/** A way to the server that lasts: what breaks is made anew. */
export interface Connection {
  /**
   * Runs `work` when the service's schema is there, again while that may help. Rejects with `Unavailable`, within 5 seconds, when the server
   * refuses connections or has fallen silent, or after two minutes in any case.
   */
  run<T>(mode: "READ" | "WRITE", work: Work<T>): Promise<T>;
  close(): Promise<void>;
}

function connect({ uri, user, password }: Neo4jOptions): Driver {
  return neo4j.driver(uri, user ? neo4j.auth.basic(user, password ?? "") : undefined, {
    disableLosslessIntegers: true,
    // The driver's own patience is far longer: a refused port was still being tried after 40 s.
    connectionTimeout: 2_000,
    connectionAcquisitionTimeout: 4_000,
    maxTransactionRetryTime: 0,
    maxConnectionPoolSize: 100,
    // What a statement gives is bounded by the statement: all of it at once, not a thousand at a time.
    fetchSize: -1,
  });
}

/** `IF NOT EXISTS` looks before it locks: of replicas that start together on an empty database, some find it there after all. */
function isThere(error: unknown): boolean {
  return error instanceof Neo4jError && error.code === "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists";
}

async function applySchema(session: Session): Promise<void> {
  for (const text of schemaStatements("neo4j")) {
    try {
      await session.run(text);
    } catch (error) {
      if (!isThere(error)) throw error;
    }
  }
  await session.run("CALL db.awaitIndexes(60)");
}

/**
 * In a cluster (`neo4j://`) bookmarks make each transaction see what the ones before committed. A single server shows that by itself, and there a
 * transaction that waits for a bookmark waits for all that commit beside it: 64 writers at once took three times as long.
 */
function bookmarksFor(uri: string): { bookmarkManager?: BookmarkManager } {
  return uri.startsWith("neo4j") ? { bookmarkManager: neo4j.bookmarkManager() } : {};
}

/** Nothing is asked of the server before the first `run`, so the service starts while it is down. */
export function openConnection(options: Neo4jOptions): Connection {
  const causal = bookmarksFor(options.uri);
  const { database } = options;
  let driver = connect(options);
  let schema: Promise<void> | undefined;
  // Connections to a server that fell silent may stay stuck for long after it is back: new ones are made then.
  const watch = watchSilence(options.uri, () => {
    const stuck = driver;
    driver = connect(options);
    schema = undefined;
    stuck.close().catch(() => undefined);
  });

  const inSession = async <T>(mode: "READ" | "WRITE", work: (session: Session) => Promise<T>): Promise<T> => {
    const session = driver.session({ defaultAccessMode: mode, ...causal, ...(database && { database }) });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  const ready = (): Promise<void> => {
    const applied = schema ?? withRetry(() => inSession("WRITE", applySchema));
    schema = applied;
    applied.catch(() => {
      if (schema === applied) schema = undefined;
    });
    return applied;
  };

  return {
    run: (mode, work) =>
      watch(async (signal) => {
        await ready();
        return withRetry(() => inSession(mode, (session) => work(session, signal)));
      }),
    // A server that is silent at the end need not be waited for.
    close: () => Promise.race([driver.close(), pause(2_000, undefined, { ref: false })]),
  };
}
