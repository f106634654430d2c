import { setTimeout as delay } from "node:timers/promises";
import neo4j, { type BookmarkManager, type Driver, Neo4jError, type Session } from "neo4j-driver";
import { schemaStatements } from "../../lib/cypher-files.ts";
import { NotOpened, Unavailable } from "../../ports/unavailable.ts";
import { applySchema } from "../shared/schema-version.ts";
import { watchLiveness } from "./liveness.ts";
import { withRetry } from "./retry.ts";
import { runStatement } from "./run-statement.ts";

/** How to reach Neo4j; without `user` no authentication is used, without `database` the server's default. */
export interface Neo4jOptions {
  uri: string;
  user?: string | undefined;
  password?: string | undefined;
  database?: string | undefined;
  /** Called once with the reason, a sentence for the operator, when the graph turns out to hold data that this build can't read. */
  onRefused?: (reason: string) => void;
}

/** Work that gets a new session. `signal` aborts when the work was given up: its caller got an error, so it must not go on. */
export type Work<T> = (session: Session, signal: AbortSignal) => Promise<T>;

/** A connection to the server that replaces what breaks. */
export interface Connection {
  /**
   * Runs `work` once the schema is applied, and again while that may help. Rejects with `Unavailable`, within 5 seconds, when the server refuses
   * connections or is unresponsive, at the latest after two minutes, and while the graph holds data that this build can't read. When `signal` aborts,
   * rejects with its reason, and the server cancels what it is running.
   */
  run<T>(mode: "READ" | "WRITE", work: Work<T>, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

const closeTimeoutMs = 2_000;

function connect({ uri, user, password }: Neo4jOptions): Driver {
  return neo4j.driver(uri, user ? neo4j.auth.basic(user, password ?? "") : undefined, {
    disableLosslessIntegers: true,
    // The driver's default timeouts are far longer: after 40 s it was still trying a port that refuses connections.
    connectionTimeout: 2_000,
    connectionAcquisitionTimeout: 4_000,
    maxTransactionRetryTime: 0,
    maxConnectionPoolSize: 100,
    // Statements limit their own rows, so all are fetched at once instead of a thousand at a time.
    fetchSize: -1,
  });
}

/** Where the graph is, without credentials. */
function describe({ uri, database }: Neo4jOptions): string {
  const url = new URL(uri);
  url.username = "";
  url.password = "";
  return `the Neo4j graph ${database === undefined ? "" : `"${database}" `}at ${url}`;
}

/** `IF NOT EXISTS` looks before it locks, so replicas that start together on an empty database may still collide. */
function isAlreadyCreated(error: unknown): boolean {
  return error instanceof Neo4jError && error.code === "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists";
}

async function createIndexes(session: Session): Promise<void> {
  for (const text of schemaStatements("neo4j")) {
    try {
      await session.run(text);
    } catch (error) {
      if (!isAlreadyCreated(error)) throw error;
    }
  }
  await session.run("CALL db.awaitIndexes(60)");
}

/**
 * In a cluster (`neo4j://`) bookmarks make each transaction see what earlier ones committed. A single server guarantees that anyway, and there a
 * transaction that waits for a bookmark waits for all concurrent commits: 64 concurrent writers took three times as long.
 */
function createBookmarks(uri: string): { bookmarkManager?: BookmarkManager } {
  return uri.startsWith("neo4j") ? { bookmarkManager: neo4j.bookmarkManager() } : {};
}

/** Turns the refusal of a graph into `Unavailable`, and reports each reason once. */
function refusalReporter({ onRefused }: Neo4jOptions): (error: unknown) => never {
  let reported = "";
  return (error) => {
    if (!(error instanceof NotOpened)) throw error;
    if (error.message !== reported) onRefused?.(error.message);
    reported = error.message;
    throw new Unavailable("graph", error);
  };
}

/** Runs work in a session and closes it. Closing it early, when `signal` aborts, resets its connection: the server cancels what runs on it. */
async function withSession<T>(
  session: Session,
  work: (session: Session) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  const cancel = () => void session.close().catch(() => undefined);
  signal?.addEventListener("abort", cancel);
  try {
    return await work(session);
  } finally {
    signal?.removeEventListener("abort", cancel);
    await session.close();
  }
}

/** Asks nothing of the server before the first `run`, so the service starts while it is down. */
export function openConnection(options: Neo4jOptions): Connection {
  const bookmarks = createBookmarks(options.uri);
  const { database } = options;
  const reportRefusal = refusalReporter(options);
  let driver = connect(options);
  let schema: Promise<void> | undefined;
  // Connections to a server that was unresponsive may stay stuck long after it is back, so they are replaced.
  const watch = watchLiveness(options.uri, () => {
    const stuck = driver;
    driver = connect(options);
    schema = undefined;
    stuck.close().catch(() => undefined);
  });

  const inSession = async <T>(mode: "READ" | "WRITE", work: (session: Session) => Promise<T>, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    const session = driver.session({ defaultAccessMode: mode, ...bookmarks, ...(database && { database }) });
    return withSession(session, work, signal);
  };
  const prepare = (session: Session): Promise<void> =>
    applySchema({
      description: describe(options),
      remedy: "set PEDIGREE_GRAPH or NEO4J_DATABASE to an empty database",
      run: (statement, params) => runStatement(session, statement, params),
      createIndexes: () => createIndexes(session),
    });
  // A failure is forgotten, so that the next call tries again.
  const schemaApplied = (): Promise<void> => {
    const applied = schema ?? withRetry(() => inSession("WRITE", prepare)).catch(reportRefusal);
    schema = applied;
    applied.catch(() => {
      if (schema === applied) schema = undefined;
    });
    return applied;
  };

  return {
    run: (mode, work, requestSignal) =>
      watch(async (signal) => {
        await schemaApplied();
        return withRetry(() => inSession(mode, (session) => work(session, signal), signal));
      }, requestSignal),
    // A server that is unresponsive at the end is not waited for.
    close: () => Promise.race([driver.close(), delay(closeTimeoutMs, undefined, { ref: false })]),
  };
}
