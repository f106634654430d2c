import type { Record as Neo4jRecord, Transaction as Neo4jTransaction, Session } from "neo4j-driver";
import type { Params, Statement } from "../../ports/statement.ts";
import { toRows } from "../shared/to-rows.ts";
import { toDriver } from "./values.ts";

/** A session, where each statement is a transaction, or an open transaction. */
export type Runner = Pick<Neo4jTransaction | Session, "run">;

/** The driver's own conversion to an object takes three times as long. */
function toObject(record: Neo4jRecord): object {
  const row: Record<PropertyKey, unknown> = {};
  for (const [i, key] of record.keys.entries()) row[key] = record.get(i);
  return row;
}

/** Turns off the stack trace that the driver takes of every call: it costs 7 % of a write and says less than our own. */
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

/** Runs a statement; resolves with all of its rows. Rejects with the driver's errors. */
export async function runStatement<P extends Params, R>(
  runner: Runner,
  statement: Statement<P, R>,
  params: P,
): Promise<R[]> {
  const { records } = await runUntraced(runner, statement.text, params);
  return toRows(statement, records.map(toObject));
}
