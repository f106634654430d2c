import { randomUUID } from "node:crypto";
import neo4j from "neo4j-driver";
import { toDriver } from "../src/adapters/neo4j/values.ts";
import type { GraphStore } from "../src/ports/graph-store.ts";
import type { Params, Value } from "../src/ports/statement.ts";
import { notedTransaction } from "../test/support/noted-store.ts";
import type { Neo4jAddress } from "../test/support/servers.ts";

/** The statements of one transaction, with their parameters. */
export type Script = { name: string; text: string; params: Params }[];

/** Records the statements of each write that includes `statementName`; changes nothing. */
export function recordWrites(store: GraphStore, statementName: string, scripts: Script[]): GraphStore {
  return {
    ...store,
    write: (work) => {
      const script: Script = [];
      return store
        .write((tx) => {
          script.length = 0;
          return work(
            notedTransaction(tx, ({ name, text }, params) => {
              script.push({ name, text, params });
            }),
          );
        })
        .finally(() => script.some(({ name }) => name === statementName) && scripts.push(script));
    },
  };
}

const anyId = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The same statements for another entity: with new ids, and `name` in place of `recorded`. */
export function renewScript(script: Script, recorded: string, name: string): Script {
  const ids = new Map<string, string>();
  const renew = (id: string) => {
    const known = ids.get(id) ?? randomUUID();
    ids.set(id, known);
    return known;
  };
  const change = (value: Value): Value => {
    if (typeof value === "string") return value.replaceAll(recorded, name).replaceAll(anyId, renew);
    if (Array.isArray(value)) return value.map(change);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item as Value)]));
    }
    return value;
  };
  return script.map((step) => ({ ...step, params: change(step.params) as Params }));
}

/** The bare driver: runs recorded statements, whose parameters are converted beforehand. */
export function createBareDriver({ uri, user, password }: Neo4jAddress) {
  const auth = user ? neo4j.auth.basic(user, password ?? "") : undefined;
  const driver = neo4j.driver(uri, auth, { disableLosslessIntegers: true });
  return {
    /** All statements in one managed transaction. */
    prepareWrite: (script: Script) => {
      const steps = script.map(({ text, params }) => ({ text, params: toDriver(params) }));
      return async () => {
        const session = driver.session();
        await session.executeWrite(async (tx) => {
          for (const { text, params } of steps) await tx.run(text, params);
        });
        await session.close();
      };
    },
    /** Reads, each statement in its own transaction. */
    prepareReads: (script: Script) => {
      const steps = script.map(({ text, params }) => ({ text, params: toDriver(params) }));
      return async () => {
        for (const { text, params } of steps) {
          const session = driver.session({ defaultAccessMode: "READ" });
          await session.run(text, params);
          await session.close();
        }
      };
    },
    close: () => driver.close(),
  };
}
