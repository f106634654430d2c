import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import grafeo from "@grafeo-db/js";
import { schemaStatements } from "../../lib/cypher-files.ts";
import { createSemaphore } from "../../lib/semaphore.ts";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";
import { NotOpened } from "../../ports/unavailable.ts";
import { checkedStore } from "../shared/checked-store.ts";
import { applySchema } from "../shared/schema-version.ts";
import { toRows } from "../shared/to-rows.ts";
import { walkGrafeo } from "./walk.ts";

/** How the embedded graph is opened. */
export interface GrafeoOptions {
  /** The file that holds the graph; without it the graph is in memory only. */
  path?: string;
  /** Returns unordered rows in random order, which finds code that relies on an order. */
  shuffle?: boolean;
  /** Checks every statement's parameters and rows against its declaration. */
  checkRows?: boolean;
}

const transientError = /GRAFEO-T001/;
const maxAttempts = 5;
/** Statements run in Node's four threads; one of them is left to writes, which would otherwise wait for all reads before them. */
const maxConcurrentReads = 3;

type Db = ReturnType<typeof openDb>;
type Read = GraphStore["read"];

function openDb({ path, shuffle }: GrafeoOptions) {
  if (path) mkdirSync(dirname(path), { recursive: true });
  try {
    return grafeo.GrafeoDB.create(path, { shuffleUnordered: shuffle ?? false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `the embedded graph ${path} can't be opened: is another service using the same PEDIGREE_DATA? (${reason})`;
    throw new NotOpened(message, { cause });
  }
}

/** Closes the database again when its schema can't be applied. */
async function prepareDb(db: Db, { path }: GrafeoOptions, run: Read): Promise<void> {
  try {
    await applySchema({
      description: `the embedded graph ${path}`,
      remedy: "set PEDIGREE_DATA to an empty folder",
      run,
      createIndexes: async () => {
        for (const text of schemaStatements("grafeo")) await db.executeCypher(text);
      },
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs statements one after another; those after one that failed fail with the same error. `allSent` resolves once every statement has succeeded. */
function createTransaction(tx: ReturnType<Db["beginTransaction"]>): Transaction & { allSent(): Promise<unknown> } {
  let latest: Promise<unknown> = Promise.resolve();
  const run = <P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]> => {
    const rows = latest.then(async () => toRows(statement, (await tx.executeCypher(statement.text, params)).toArray()));
    latest = rows;
    return rows;
  };
  return {
    run,
    send: (statement, params) => void run(statement, params).catch(() => undefined), // `allSent` rejects with it
    allSent: () => latest,
  };
}

async function runTransaction<T>(db: Db, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const tx = db.beginTransaction();
  const transaction = createTransaction(tx);
  try {
    const result = await work(transaction);
    await transaction.allSent();
    tx.commit();
    return result;
  } catch (error) {
    await transaction.allSent().catch(() => undefined); // no statement may run after the rollback
    if (tx.isActive) tx.rollback();
    throw error;
  }
}

async function retryTransient<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isTransient = error instanceof Error && transientError.test(error.message);
      if (attempt === maxAttempts || !isTransient) throw error;
    }
  }
}

/** Runs works one after another, in the order of the calls. */
function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

/**
 * The embedded engine behind the graph port. Its transactions are not serializable (two that each "create if none" both commit), so writes run one
 * at a time; reads see the last commit and wait for other reads only. Rejects with `NotOpened` when another process has the file open, or when it holds data
 * that this build can't read.
 */
export async function grafeoStore(options: GrafeoOptions): Promise<GraphStore> {
  const db = openDb(options);
  const queue = createQueue();
  const takeTurn = createSemaphore(maxConcurrentReads);
  const plain: Pick<GraphStore, "read" | "write"> = {
    read: (statement, params, signal) =>
      takeTurn(async () => {
        signal?.throwIfAborted();
        return toRows(statement, (await db.executeCypher(statement.text, params)).toArray());
      }),
    write: (work) => queue(() => retryTransient(() => runTransaction(db, work))),
  };
  await prepareDb(db, options, plain.read);
  const { read, write } = options.checkRows ? checkedStore(plain) : plain;
  return {
    read,
    write,
    walk: (batch, bounds, signal) => {
      const readOfWalk: Read = (statement, params) => read(statement, params, signal);
      const takeWalkTurn = createSemaphore(maxConcurrentReads);
      return Promise.all(batch.map((roots) => takeWalkTurn(() => walkGrafeo(readOfWalk, roots, bounds))));
    },
    check: async () => {
      await db.executeCypher("RETURN 1 AS one");
    },
    close: () => queue(async () => db.close()),
  };
}
