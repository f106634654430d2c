import neo4j, { type Driver } from "neo4j-driver";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import { freshProject } from "../support/service.ts";
import { say } from "../support/walks.ts";

const address = inject("neo4j");

/** Terminates the transactions whose statement contains a text, as Neo4j does on shutdown; returns how many. */
async function terminate(driver: Driver, text: string): Promise<number> {
  const shown = await driver.executeQuery("SHOW TRANSACTIONS YIELD transactionId, currentQuery");
  const ids = shown.records
    .filter((record) => String(record.get("currentQuery")).includes(text))
    .map((record) => String(record.get("transactionId")));
  for (const id of ids) await driver.executeQuery(`TERMINATE TRANSACTION "${id}"`);
  return ids.length;
}

describe.skipIf(!address)("a transaction that Neo4j terminated", () => {
  it("a transaction that Neo4j terminated is retried and done once", async () => {
    const { uri, user, password } = address ?? { uri: "" };
    const driver = neo4j.driver(uri, user ? neo4j.auth.basic(user, password ?? "") : undefined);
    const store = neo4jStore({ uri, user, password });
    onTestFinished(async () => void (await Promise.all([driver.close(), store.close()])));
    const id = freshProject();
    await store.write((tx) => tx.run(say("CREATE (n:Terminated {id: $id, count: 0})"), { id }));
    const session = driver.session();
    const holder = session.beginTransaction();
    await holder.run("MATCH (n:Terminated {id: $id}) SET n.held = true", { id });
    const addOne = say<{ id: string }, { count: number }>(
      `MATCH (n:Terminated {id: $id}) /* ${id} */ SET n.count = n.count + 1 RETURN n.count AS count`,
    );
    let tries = 0;
    const counted = store.write((tx) => {
      tries += 1;
      return tx.run(addOne, { id });
    });
    counted.catch(() => undefined);
    await expect.poll(() => terminate(driver, id)).toBe(1);
    await holder.rollback();
    await session.close();
    expect(await counted).toEqual([{ count: 1 }]);
    expect(tries).toBe(2);
    await store.write((tx) => tx.run(say("MATCH (n:Terminated {id: $id}) DELETE n"), { id }));
  });
});
