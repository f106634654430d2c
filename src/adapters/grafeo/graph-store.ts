import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import grafeo from "@grafeo-db/js";
import { schemaStatements } from "../../lib/cypher-files.ts";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";
import { NotOpened } from "../../ports/unavailable.ts";
import { walkGrafeo } from "./walk.ts";

/** Where the embedded graph lives; `shuffle` returns unordered rows in random order, which finds code that relies on one. */
export interface GrafeoOptions {
  /** A file's path; left out, the graph is in memory only. */
  path?: string;
  shuffle?: boolean;
}

const transient = /GRAFEO-T001/;
const attempts = 5;

type Db = ReturnType<typeof open>;
function open({ path, shuffle }: GrafeoOptions) {
  if (path) mkdirSync(dirname(path), { recursive: true });
  try {
    return grafeo.GrafeoDB.create(path, { shuffleUnordered: shuffle ?? false });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `the embedded graph ${path} can't be opened: is another service using the same PEDIGREE_DATA? (${why})`;
    throw new NotOpened(message, { cause });
  }
}

/** Grafeo leaves absent properties out. */
function toRows<R>({ fillNulls }: Statement<never, R>, rows: object[]): R[] {
  if (fillNulls) for (const row of rows) fillNulls(row as never);
  return rows as R[];
}

/** One statement after the other: what comes after one that failed fails like it. `sent` resolves when all are done. */
function transaction(tx: ReturnType<Db["beginTransaction"]>): Transaction & { sent(): Promise<unknown> } {
  let latest: Promise<unknown> = Promise.resolve();
  const run = <P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]> => {
    const rows = latest.then(async () => toRows(statement, (await tx.executeCypher(statement.text, params)).toArray()));
    latest = rows;
    return rows;
  };
  return {
    run,
    send: (statement, params) => void run(statement, params).catch(() => undefined), // `latest` tells of it
    sent: () => latest,
  };
}

/**
 * The embedded engine behind the graph port. Its transactions are not serialisable (two that each "create if none" both commit),
 * so writes go one at a time through a queue; reads see the last commit and wait for nobody.
 */
export async function grafeoStore(options: GrafeoOptions): Promise<GraphStore> {
  const db = open(options);
  for (const text of schemaStatements("grafeo")) await db.executeCypher(text);
  let last: Promise<unknown> = Promise.resolve();

  const queued = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const once = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const tx = db.beginTransaction();
    const statements = transaction(tx);
    try {
      const result = await work(statements);
      await statements.sent();
      tx.commit();
      return result;
    } catch (error) {
      await statements.sent().catch(() => undefined); // what was sent is not to meet the end of its transaction
      if (tx.isActive) tx.rollback();
      throw error;
    }
  };

  const read = async <P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]> =>
    toRows(statement, (await db.executeCypher(statement.text, params)).toArray());

  return {
    read,
    write: (work) =>
      queued(async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await once(work);
          } catch (error) {
            if (attempt === attempts || !(error instanceof Error && transient.test(error.message))) throw error;
          }
        }
      }),
    walk: (batch, bounds) => Promise.all(batch.map((roots) => walkGrafeo(read, roots, bounds))),
    check: async () => {
      await db.executeCypher("RETURN 1 AS one");
    },
    close: () => queued(async () => db.close()),
  };
}
