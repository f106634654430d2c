import * as v from "valibot";
import type { GraphStore, Transaction } from "../../ports/graph-store.ts";
import type { Params, Statement } from "../../ports/statement.ts";

type AnyStatement = Pick<Statement<Params, unknown>, "name" | "text" | "schema">;

function validate({ name }: AnyStatement, what: string, schema: v.GenericSchema, value: unknown): unknown {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? what}: ${issue.message}`);
  throw new Error(`statement ${name}: invalid ${what} ${JSON.stringify(value)}: ${problems.join("; ")}`);
}

/** The names that a text uses as parameters. */
function findParameterNames(text: string): Set<string> {
  return new Set([...text.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name));
}

function validateParams(statement: AnyStatement, params: Params): void {
  if (!statement.schema) return;
  const { name, text, schema } = statement;
  validate(statement, "parameters", schema.params, params);
  const used = findParameterNames(text);
  // A built text may replace a condition by a constant and then leave the condition's parameters unused.
  const isBuilt = schema.params.type === "record";
  const unused = isBuilt ? [] : Object.keys(params).filter((given) => !used.has(given));
  const missing = [...used].filter((needed) => !(needed in params));
  if (unused.length) throw new Error(`statement ${name}: its text does not use the parameters ${unused.join(", ")}`);
  if (missing.length) throw new Error(`statement ${name}: parameters ${missing.join(", ")} are required`);
}

/** The rows reduced to what their schema declares, so that no code can rely on more. */
function validateRows<R>(statement: AnyStatement, rows: R[]): R[] {
  const { schema } = statement;
  if (!schema) return rows;
  // R was inferred from this very schema, which the compiler cannot see: a Statement carries it as a GenericSchema.
  return rows.map((row) => validate(statement, "row", schema.row, row) as R);
}

function checkedTransaction(tx: Transaction): Transaction {
  return {
    run: async (statement, params) => {
      validateParams(statement, params);
      return validateRows(statement, await tx.run(statement, params));
    },
    send: (statement, params) => {
      validateParams(statement, params);
      tx.send(statement, params);
    },
  };
}

/**
 * A store that checks every statement's parameters and rows against its declaration and throws where they don't fit. For tests and
 * `npm run dev`: in production rows pass unchecked, because parsing a thousand of them would take longer than reading them.
 */
export function checkedStore<S extends Pick<GraphStore, "read" | "write">>(store: S): S {
  const checked: Pick<GraphStore, "read" | "write"> = {
    read: async (statement, params, signal) => {
      validateParams(statement, params);
      return validateRows(statement, await store.read(statement, params, signal));
    },
    write: (work, signal) => store.write((tx) => work(checkedTransaction(tx)), signal),
  };
  return { ...store, ...checked };
}
