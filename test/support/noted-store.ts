import type { GraphStore, Transaction } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";

/** Called with each statement before it runs. */
export type Note = (statement: Statement<never, unknown>, params: Params) => void;

/** A transaction that reports its statements; changes nothing. */
export function notedTransaction(tx: Transaction, note: Note): Transaction {
  return {
    run: (statement, params) => {
      note(statement, params);
      return tx.run(statement, params);
    },
    send: (statement, params) => {
      note(statement, params);
      tx.send(statement, params);
    },
  };
}

/** A store that reports its statements, except those of walks; changes nothing. */
export function notedStore(store: GraphStore, note: Note): GraphStore {
  return {
    ...store,
    read: (statement, params, signal) => {
      note(statement, params);
      return store.read(statement, params, signal);
    },
    write: (work, signal) => store.write((tx) => work(notedTransaction(tx, note)), signal),
  };
}
