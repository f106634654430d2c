import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import type { GraphStore, Transaction, Walk } from "../../src/ports/graph-store.ts";
import { describeEngines, engines, freshProject } from "../support/service.ts";
import { asked, build, checkWalk, cleared, graphOf, ladder, say, shapes, wholeWalk } from "../support/walks.ts";

const create = say<{ id: string; project: string }, { id: string }>(
  "CREATE (n:Entity {id: $id, project: $project, count: 0}) RETURN n.id AS id",
);
const createIfNone = say<{ id: string; project: string }, { id: string }>(
  "OPTIONAL MATCH (o:Entity {id: $id}) WITH o WHERE o IS NULL CREATE (n:Entity {id: $id, project: $project}) RETURN n.id AS id",
);
const addOne = say<{ id: string }, { count: number }>(
  "MATCH (n:Entity {id: $id}) SET n.count = n.count + 1 RETURN n.count AS count",
);
const all = say<{ project: string }, { id: string }>("MATCH (n:Entity) WHERE n.project = $project RETURN n.id AS id");

/** The result of a batch of one. */
async function only(walks: Promise<Walk[]>): Promise<Walk> {
  const [walk, ...others] = await walks;
  if (!walk || others.length) throw new Error("not one walk");
  return walk;
}

/** A promise and the way to settle it. */
function signal() {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { give, given };
}

describeEngines("the graph store", (engine) => {
  let store: GraphStore;
  const project = freshProject();
  const idOf = (name: string) => `${project}/${name}`;
  const count = async () => (await store.read(all, { project })).length;
  beforeAll(async () => {
    store = await engine.open();
  });
  afterAll(async () => {
    await store?.write((tx) => tx.run(cleared, { project }));
    await store?.close();
  });

  it("integers stay integers and floats stay floats, as parameters and as properties", async () => {
    const largest = Number.MAX_SAFE_INTEGER;
    const id = idOf("numbers");
    const rows = await store.write((tx) =>
      tx.run(
        say(`CREATE (n:Entity {id: $id, project: $project, five: $five, half: $half, largest: $largest, least: $least})
               RETURN n.five / 2 AS two, toString(n.five) AS text, n.half / 2 AS quarter, n.largest AS largest, n.least AS least`),
        { id, project, five: 5, half: 0.5, largest, least: -largest },
      ),
    );
    const expected = { two: 2, text: "5", quarter: 0.25, largest, least: -largest };
    expect(rows).toEqual([expected]);
    const again = say<{ id: string }, typeof expected>(
      `MATCH (n:Entity {id: $id})
         RETURN n.five / 2 AS two, toString(n.five) AS text, n.half / 2 AS quarter, n.largest AS largest, n.least AS least`,
    );
    expect(await store.read(again, { id })).toEqual([expected]);
    expect(
      await store.read(say("UNWIND range(1, 9) AS i RETURN i ORDER BY i SKIP $skip LIMIT $limit"), {
        skip: 2,
        limit: 3,
      }),
    ).toEqual([{ i: 3 }, { i: 4 }, { i: 5 }]);
  });

  it("texts, booleans, lists, maps and lists of maps come back unchanged", async () => {
    const text = 'ünï "quoted" \\ 模型 🧬 \u0000 \n';
    const values = {
      text,
      yes: true,
      no: false,
      empty: "",
      none: [],
      list: ["b", "a"],
      deep: [{ a: 1, b: [{ c: null }] }],
    };
    const rows = await store.read(
      say("RETURN $text AS text, $yes AS yes, $no AS no, $empty AS empty, $none AS none, $list AS list, $deep AS deep"),
      values,
    );
    expect(rows).toEqual([values]);
    const items = [
      { k: "a", v: 1 },
      { k: "b", v: null },
    ];
    const unwound = say<{ items: typeof items }, (typeof items)[0]>(
      "UNWIND $items AS item RETURN item.k AS k, item.v AS v ORDER BY k",
    );
    expect(await store.read(unwound, { items })).toEqual(items);
  });

  it("undefined is stored as null, and absent properties come back as null", async () => {
    const id = idOf("absent");
    await store.write((tx) => tx.run(create, { id, project }));
    const rows = await store.read(
      say(`MATCH (n:Entity {id: $id}) OPTIONAL MATCH (n)-[:NEVER]->(m)
             RETURN $given IS NULL AS given, $left IS NULL AS left, n.nothing AS property, m AS node, m.id AS beyond, n {.nothing} AS map`),
      { id, given: null, left: undefined },
    );
    expect(rows).toEqual([
      { given: true, left: true, property: null, node: null, beyond: null, map: { nothing: null } },
    ]);
  });

  it("a transaction sees its own writes, and others see them after the commit", async () => {
    const [id, before] = [idOf("isolated"), await count()];
    const [written, seen] = [signal(), signal()];
    const writing = store.write(async (tx) => {
      await tx.run(create, { id, project });
      expect(await tx.run(addOne, { id })).toEqual([{ count: 1 }]);
      written.give();
      await seen.given;
    });
    await written.given;
    expect(await count()).toBe(before);
    seen.give();
    await writing;
    expect(await count()).toBe(before + 1);
  });

  it("a transaction whose work throws is rolled back and rejects with that error", async () => {
    const before = await count();
    const failing = store.write(async (tx) => {
      await tx.run(create, { id: idOf("undone"), project });
      throw new RangeError("not this");
    });
    await expect(failing).rejects.toThrow(new RangeError("not this"));
    expect(await count()).toBe(before);
  });

  it("a transaction with a failing statement is rolled back", async () => {
    const before = await count();
    const failing = store.write(async (tx) => {
      await tx.run(create, { id: idOf("failed"), project });
      await tx.run(say("THIS IS NO CYPHER"), {});
    });
    await expect(failing).rejects.toThrow(/syntax|invalid input|unexpected/i);
    expect(await count()).toBe(before);
  });

  it("statements that were sent run in order and are committed", async () => {
    const id = idOf("sent");
    const counted = await store.write(async (tx) => {
      tx.send(create, { id, project });
      tx.send(addOne, { id });
      const seen = await tx.run(addOne, { id });
      for (let i = 0; i < 50; i++) tx.send(addOne, { id });
      return seen;
    });
    expect(counted).toEqual([{ count: 2 }]);
    expect(await store.write((tx) => tx.run(addOne, { id }))).toEqual([{ count: 53 }]);
  });

  const wrong = say("THIS IS NO CYPHER");
  it.each<[string, (send: () => void, tx: Transaction) => Promise<unknown>]>([
    ["and nothing comes after it", async (send) => send()],
    [
      "and the next statement hears of it",
      async (send, tx) => {
        send();
        await expect(tx.run(all, { project })).rejects.toThrow();
      },
    ],
    [
      "and other statements are sent after it",
      async (send, tx) => {
        send();
        for (let i = 0; i < 20; i++) tx.send(create, { id: idOf(`after ${i}`), project });
      },
    ],
  ])("a transaction is rolled back when a statement that was sent fails %s", async (_when, work) => {
    const before = await count();
    const failing = store.write(async (tx) => {
      await tx.run(create, { id: idOf("sent in vain"), project });
      await work(() => tx.send(wrong, {}), tx);
    });
    // The original error, not one that follows from it.
    await expect(failing).rejects.toThrow(/syntax|invalid input|unexpected/i);
    expect(await count()).toBe(before);
  });

  it("a transaction with sent statements is rolled back when its work throws", async () => {
    const before = await count();
    for (let turn = 0; turn < 20; turn++) {
      const failing = store.write(async (tx) => {
        await tx.run(all, { project });
        for (let i = 0; i < 5; i++) tx.send(create, { id: idOf(`${turn} ${i}`), project });
        if (turn % 2) tx.send(wrong, {});
        throw new RangeError("not this");
      });
      await expect(failing).rejects.toThrow(new RangeError("not this"));
    }
    expect(await count()).toBe(before);
  });

  it("a second node with a unique key is refused, and the first one stays", async () => {
    const id = idOf("unique");
    await store.write((tx) => tx.run(create, { id, project }));
    await expect(store.write((tx) => tx.run(create, { id, project }))).rejects.toThrow();
    expect((await store.read(all, { project })).filter((row) => row.id === id)).toHaveLength(1);
  });

  it("one of many parallel transactions creates a node, and the others find it", async () => {
    const id = idOf("first");
    const results = await Promise.all(
      Array.from({ length: 16 }, () => store.write((tx) => tx.run(createIfNone, { id, project }))),
    );
    expect(results.filter((rows) => rows.length)).toEqual([[{ id }]]);
  });

  it("64 parallel updates of one node are all kept", async () => {
    const id = idOf("counter");
    await store.write((tx) => tx.run(create, { id, project }));
    const rows = await Promise.all(Array.from({ length: 64 }, () => store.write((tx) => tx.run(addOne, { id }))));
    expect(rows.flatMap((row) => row.map((item) => item.count)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 64 }, (_, i) => i + 1),
    );
  });

  it("two transactions that lock the same nodes in opposite order both commit", async () => {
    const ids = [idOf("left"), idOf("right")];
    for (const id of ids) await store.write((tx) => tx.run(create, { id, project }));
    const cross = (order: string[]) =>
      store.write(async (tx) => {
        for (const id of order) await tx.run(addOne, { id });
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => cross(i % 2 ? ids : [...ids].reverse())));
    for (const id of ids) expect(await store.write((tx) => tx.run(addOne, { id }))).toEqual([{ count: 21 }]);
  });

  it("check resolves while the store is reachable", async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });

  describe("walks", () => {
    it("a walk returns exactly the levels, edges and next level that its bounds ask for, on graphs of every shape", async () => {
      await fc.assert(
        fc.asyncProperty(shapes, fc.array(asked, { minLength: 6, maxLength: 6 }), async (shape, questions) => {
          const graph = graphOf(shape, freshProject());
          await build(store, graph);
          for (const { roots, bounds } of questions) {
            const from = roots.map((i) => graph.versions[i % graph.versions.length]?.id ?? "");
            checkWalk(graph, from, bounds, await only(store.walk([from], bounds)));
          }
          await store.write((tx) => tx.run(cleared, { project: graph.project }));
        }),
        { numRuns: 40, seed: 20 },
      );
    }, 600_000);

    it("a walk reaches the end of a ladder of 60 diamonds in both directions, and finds nothing from an unknown root", async () => {
      const graph = graphOf(ladder(60), freshProject());
      await build(store, graph);
      const ends = { DOWNSTREAM: graph.versions[0], UPSTREAM: graph.versions.at(-1) };
      for (const direction of ["DOWNSTREAM", "UPSTREAM"] as const) {
        const from = [ends[direction]?.id ?? ""];
        const bounds = wholeWalk(direction);
        const walk = await only(store.walk([from], bounds));
        expect(walk.nodes).toHaveLength(graph.versions.length + graph.executions.length);
        checkWalk(graph, from, bounds, walk);
      }
      const nothing = { nodes: [], edges: [], joins: [], levels: [] };
      expect(await store.walk([[idOf("nobody")]], wholeWalk("DOWNSTREAM"))).toEqual([nothing]);
      await store.write((tx) => tx.run(cleared, { project: graph.project }));
    });
  });
});

describe("the Grafeo graph store", () => {
  it("Grafeo shuffles rows without an order when asked to, so that no code relies on their order", async () => {
    const store = await grafeoStore({ shuffle: true });
    await store.write(async (tx) => {
      for (let i = 0; i < 20; i++) await tx.run(create, { id: `s${i}`, project: "s" });
    });
    const orders = new Set<string>();
    for (let i = 0; i < 5; i++) orders.add((await store.read(all, { project: "s" })).map((row) => row.id).join());
    expect(orders.size).toBeGreaterThan(1);
    await store.close();
  });

  it("Grafeo keeps its data when opened again, and refuses a second opening at the same time", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-graph-"));
    const path = join(folder, "deep", "graph.grafeo");
    const store = await grafeoStore({ path });
    await store.write((tx) => tx.run(create, { id: "kept", project: "p" }));
    await expect(grafeoStore({ path })).rejects.toThrow("is another service using the same PEDIGREE_DATA?");
    await store.close();
    const again = await grafeoStore({ path });
    expect(await again.read(all, { project: "p" })).toEqual([{ id: "kept" }]);
    await again.close();
    await rm(folder, { recursive: true });
  });
});

describe.skipIf(engines[1].missing)("the Neo4j graph store", () => {
  it("a Neo4j transaction finds what another one created, however long it waited for it", async () => {
    const store = engines[1].open();
    const project = freshProject();
    const id = `${project}/slowly`;
    const created = signal();
    const holding = store.write(async (tx) => {
      await tx.run(create, { id, project });
      created.give();
      await delay(2_000); // longer than any pause between two tries
    });
    await created.given;
    const found = await store.write(async (tx) => {
      const there = await tx.run(all, { project });
      if (!there.length) await tx.run(create, { id, project });
      return there;
    });
    expect(found).toEqual([{ id }]);
    await holding;
    await store.write((tx) => tx.run(cleared, { project }));
    await store.close();
  });

  it("a slow Neo4j statement is awaited while the server is alive", async () => {
    const store = engines[1].open();
    const project = freshProject();
    const id = `${project}/long`;
    await store.write((tx) => tx.run(create, { id, project }));
    const locked = signal();
    const holding = store.write(async (tx) => {
      await tx.run(addOne, { id });
      locked.give();
      await delay(6_000); // beyond all that a silent server is given
    });
    await locked.given;
    expect(await store.write((tx) => tx.run(addOne, { id }))).toEqual([{ count: 2 }]);
    await holding;
    await store.write((tx) => tx.run(say("MATCH (n:Entity {id: $id}) DELETE n"), { id }));
    await store.close();
  });
});
