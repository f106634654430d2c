import { once } from "node:events";
import { request } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { bulkLayers, deep } from "../support/layers.ts";
import { notedTransaction } from "../support/noted-store.ts";
import { describeEngines, freshProject, startTestService } from "../support/service.ts";

const impacts = (of: string, count: number) =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: impact(of: "${of}") { versions }`).join(" ")} }`;
const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";

/** Resolves once the signal has aborted. */
async function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (!signal) throw new Error("the call has no signal");
  if (!signal.aborted) await once(signal, "abort");
}

/** Work for a request ends when its client leaves, and when its time is up. */
describeEngines("the end of a request", (engine) => {
  /** A service whose walks wait until their request has ended; `walks` counts those that were begun. */
  const startWaiting = async (env: Record<string, string> = {}) => {
    const store = await engine.open();
    let [walks, begin]: [number, () => void] = [0, () => undefined];
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const walk: GraphStore["walk"] = async (batch, bounds, signal) => {
      walks += 1;
      begin();
      await aborted(signal);
      return store.walk(batch, bounds, signal);
    };
    const project = freshProject();
    const version = `${project}/m`;
    // By a service whose requests may take longer.
    const first = await startTestService(engine, {}, { graph: { ...store, close: async () => undefined } });
    await first.data(logVersion, { input: { project, name: "m" } });
    await first.close();
    const service = await startTestService(engine, env, { graph: { ...store, walk } });
    onTestFinished(() => service.close());
    return { service, version, begun, walks: () => walks };
  };

  it("a query whose client leaves begins no further walks", async () => {
    const { service, version, begun, walks } = await startWaiting();
    const sent = request(`${service.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" } });
    sent.on("error", () => undefined);
    sent.end(JSON.stringify({ query: impacts(version, 10) }));
    await begun;
    sent.destroy();
    // Answered after the walks in progress have ended, which take turns with the others.
    await service.close();
    expect(walks()).toBeLessThanOrEqual(4);
  });

  it("a query over a websocket that is closed begins no further walks", async () => {
    const { service, version, begun, walks } = await startWaiting();
    const socket = new WebSocket(`${service.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(`{"type":"connection_init"}`);
    await once(socket, "message");
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query: impacts(version, 10) } }));
    await begun;
    socket.terminate();
    await service.close();
    expect(walks()).toBeLessThanOrEqual(4);
  });

  it.each(["application/json", "text/event-stream"])(
    "a query that takes too long is TOO_COMPLEX (%s)",
    async (accept) => {
      const { service, version } = await startWaiting({ PEDIGREE_REQUEST_TIMEOUT: "1s" });
      const response = await fetch(`${service.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", accept },
        body: JSON.stringify({ query: impacts(version, 1) }),
      });
      const [json = ""] = /\{.*\}/.exec(await response.text()) ?? [];
      expect(JSON.parse(json)).toMatchObject({ errors: [{ extensions: { code: "TOO_COMPLEX", limit: 1_000 } }] });
    },
  );

  it("a write whose time is up between two statements is rolled back", async () => {
    const store = await engine.open();
    const write: GraphStore["write"] = (work, signal) =>
      store.write(async (tx) => {
        const result = await work(notedTransaction(tx, () => undefined));
        if (signal) await aborted(signal);
        signal?.throwIfAborted();
        return result;
      }, signal);
    const service = await startTestService(engine, { PEDIGREE_REQUEST_TIMEOUT: "1s" }, { graph: { ...store, write } });
    onTestFinished(() => service.close());
    const project = freshProject();
    expect(await service.refusal(logVersion, { input: { project, name: "m" } })).toMatchObject({ code: "TOO_COMPLEX" });
    expect(await service.data(`{ project(name: "${project}") { name } }`)).toEqual({ project: null });
  });

  it("a write that does not get its turn in time is UNAVAILABLE, and nothing is written", async () => {
    const store = await engine.open();
    const write: GraphStore["write"] = async (work, signal) => {
      if (signal) await aborted(signal);
      return store.write(work);
    };
    const service = await startTestService(engine, { PEDIGREE_REQUEST_TIMEOUT: "1s" }, { graph: { ...store, write } });
    onTestFinished(() => service.close());
    const project = freshProject();
    expect(await service.refusal(logVersion, { input: { project, name: "m" } })).toMatchObject({ code: "UNAVAILABLE" });
    expect(await service.data(`{ project(name: "${project}") { name } }`)).toEqual({ project: null });
  });

  it("a store runs no statement for a signal that has aborted", async () => {
    const store = await engine.open();
    onTestFinished(() => store.close());
    const [reason, one] = [new Error("over"), { name: "one", text: "RETURN 1 AS one" }];
    const signal = AbortSignal.abort(reason);
    const bounds = { direction: "DOWNSTREAM", depth: 5, limit: 5, shown: "EXECUTION", params: {} } as const;
    const none = { showIf: null, stopIf: null };
    await expect(store.read(one, {}, signal)).rejects.toBe(reason);
    await expect(store.walk([["none"]], { ...bounds, ...none }, signal)).rejects.toBe(reason);
    expect(await store.read(one, {})).toEqual([{ one: 1 }]);
  });

  if (engine.name === "neo4j")
    it("Neo4j cancels a statement that is running when its signal aborts", async () => {
      const store = await engine.open();
      onTestFinished(() => store.close());
      const marker = freshProject();
      const slow = `UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN count(*) AS \`${marker}\``;
      const countRunning = async () => {
        const text = `SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS '${marker}' AND NOT currentQuery STARTS WITH 'SHOW' RETURN count(*) AS n`;
        return (await store.read({ name: "running", text }, {}))[0];
      };
      const [controller, reason] = [new AbortController(), new Error("over")];
      const running = store.read({ name: "slow", text: slow }, {}, controller.signal);
      running.catch(() => undefined);
      await expect.poll(countRunning).toEqual({ n: 1 });
      controller.abort(reason);
      await expect(running).rejects.toBe(reason);
      await expect.poll(countRunning).toEqual({ n: 0 });
    });

  it("a request runs at most 4 statements and walks at the same time", async () => {
    const store = await engine.open();
    let [running, most] = [0, 0];
    const count = async <T>(work: () => Promise<T>): Promise<T> => {
      most = Math.max(most, ++running);
      return work().finally(() => running--);
    };
    const graph: GraphStore = {
      ...store,
      read: (...call) => count(() => store.read(...call)),
      walk: (...call) => count(() => store.walk(...call)),
    };
    const service = await startTestService(engine, {}, { graph });
    onTestFinished(() => service.close());
    const aliases = Array.from({ length: 50 }, (_, i) => `a${i}: runs(first: ${i}) { nodes { id } }`);
    await service.data(`{ ${aliases.join(" ")} }`);
    // One more for the event log.
    expect(most).toBeLessThanOrEqual(5);
  });

  if (engine.name === "grafeo")
    it("a write to the embedded engine does not wait for all the reads that were sent before it", async () => {
      const store = await engine.open();
      onTestFinished(() => store.close());
      const project = freshProject();
      await bulkLayers(store, project, deep, 1);
      const text = `MATCH (v:Version) WHERE v.project = '${project}' AND v.metadata CONTAINS '99' RETURN count(v) AS n`;
      let done = 0;
      const reads = Array.from({ length: 300 }, async () => {
        await store.read({ name: "count", text }, {});
        done += 1;
      });
      const touch = { name: "touch", text: `MERGE (t:Touched {id: '${project}'}) RETURN 1 AS one` };
      await store.write((tx) => tx.run(touch, {}));
      expect(done).toBeLessThan(150);
      await Promise.all(reads);
    });
});
