import neo4j from "neo4j-driver";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { walkNeo4j } from "../../src/adapters/neo4j/walk.ts";
import { walkTexts } from "../../src/adapters/neo4j/walk-text.ts";
import type { GraphStore, WalkBounds } from "../../src/ports/graph-store.ts";
import { bulkLayers, deep } from "../support/layers.ts";
import { workOf } from "../support/plans.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";

const engine = engines[1];
const pipelines = 100;

/** Operators that read everything of a kind, or enumerate paths. */
const never = /Scan|^VarLengthExpand\(All\)|^VarLengthExpand\(Into\)|^VarLengthExpand\(Pruning\)|Trail|ShortestPath/;

const tagged = "EXISTS { MATCH (item)-[:HAS_TAG]->(tag:Tag) WHERE tag.name = $p0 }";
const kept = "EXISTS { MATCH (item)-[:HAS_METADATA]->(leaf:Metadata) WHERE leaf.key = $p0 AND leaf.number > 3 }";
const failed = "(item:Execution AND (item.status IS NOT NULL AND item.status = $p0))";
const directions = ["UPSTREAM", "DOWNSTREAM", "BOTH"] as const;
const granularities = ["EXECUTION", "VERSION", "ARTIFACT"] as const;
const ways = directions.flatMap((direction, i) =>
  granularities.map((shown, k) => ({ direction, shown, square: (i + k) % 3 })),
);
type Way = Pick<WalkBounds, "direction" | "shown">;

/** A time at which the whole graph existed: walks as of it reach as far as those of today. */
const later = Date.parse("2100-01-01T00:00:00Z");

/** Options of a walk besides direction and granularity. */
const forms: [string, Partial<WalkBounds>][] = [
  ["plain", {}],
  ["with a depth", { depth: 5 }],
  ["stopped by a property", { stopIf: failed }],
  ["stopped by a tag", { stopIf: tagged }],
  ["stopped by metadata", { stopIf: kept }],
  ["filtered", { showIf: `(NOT item.project IN [$p0] OR ${tagged})` }],
  ["filtered and stopped", { showIf: failed, stopIf: `(item.project IN [$p0] AND (${tagged} OR ${kept}))` }],
  ["as of a time", { asOf: later }],
  ["as of a time, filtered and stopped", { asOf: later, showIf: `NOT ${tagged}`, stopIf: failed }],
];

/**
 * The forms of a walk: the first and the last with all nine pairs of direction and granularity, the others with three in which each direction and
 * each granularity occurs once. Neo4j plans every statement again, so fewer are faster.
 */
const cases = forms.map(([name, form], i): [string, Partial<WalkBounds>, Way[]] => [
  name,
  form,
  ways.filter(({ square }) => i === 0 || i === forms.length - 1 || square === i % 3),
]);

describe.skipIf(engine.missing)("query plans of walks on Neo4j in a graph of 100,000 nodes", () => {
  const project = freshProject();
  const address = inject("neo4j");
  const auth = address?.user ? neo4j.auth.basic(address.user, address.password ?? "") : undefined;
  const driver = neo4j.driver(address?.uri ?? "bolt://none", auth, { disableLosslessIntegers: true });
  let graph: GraphStore;
  let service: TestService;
  let roots: string[] = [];

  beforeAll(async () => {
    graph = engine.open();
    service = await startTestService(engine, {}, { graph });
    roots = await bulkLayers(graph, project, deep, pipelines);
    await driver.executeQuery("CALL db.awaitIndexes(60)");
    await driver.executeQuery("CALL db.prepareForReplanning(60)");
  }, 240_000);
  afterAll(async () => {
    const session = driver.session();
    const all = "MATCH (n:Entity) WHERE n.project = $project CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS";
    await session.run(all, { project });
    await session.close();
    await service?.close();
    await driver.close();
  }, 120_000);

  const profile = async (
    text: string,
    params: object,
  ): Promise<{ operators: string[]; hits: number; rows: number }> => {
    const { records, summary } = await driver.executeQuery(`PROFILE ${text}`, { asOf: null, columns: null, ...params });
    return { ...workOf(summary), rows: records.length };
  };
  const bounds = (given: Partial<WalkBounds>): WalkBounds => ({
    ...{ direction: "UPSTREAM", depth: 10_000, limit: 10_000, shown: "EXECUTION" },
    ...{ showIf: null, stopIf: null, params: { p0: "nothing" } },
    ...given,
  });
  const statementsOf = (asked: WalkBounds) => {
    const texts = walkTexts(asked);
    const first = asked.shown === "EXECUTION" ? texts.entities() : texts.derived();
    return [first, texts.levels(), ...(asked.shown === "EXECUTION" ? [] : [texts.shownJoins()])];
  };

  it.each(cases)(
    "%s: a walk visits each node once and reads nothing else, in every direction and granularity",
    async (_name, form, pairs) => {
      for (const way of pairs) {
        for (const text of statementsOf(bounds({ ...form, direction: way.direction, shown: way.shown }))) {
          const params = {
            batch: [[roots[50]]],
            shown: [[roots[50]]],
            maxNodes: neo4j.int(10_001),
            p0: "nothing",
            asOf: later,
          };
          const plan = await profile(text, params);
          const hint = `${way.direction} ${way.shown}\n${text}\n${plan.operators.join(" ")}`;
          const sides = way.direction === "BOTH" ? 2 : 1;
          expect(plan.operators.filter((name) => name.startsWith("VarLengthExpand(Pruning,BFS")).length, hint).toBe(
            sides,
          );
          expect(
            plan.operators.filter((name) => never.test(name)),
            hint,
          ).toEqual([]);
          expect(plan.hits, hint).toBeLessThan(60 * deep.nodes);
        }
      }
    },
    120_000,
  );

  /** How many statements a walk takes, and what it finds. */
  const walked = async (batch: string[][], asked: WalkBounds) => {
    let statements = 0;
    const read: GraphStore["read"] = (statement, params) => {
      statements++;
      return graph.read(statement, params);
    };
    return { walks: await walkNeo4j(read, batch, asked), statements: () => statements };
  };

  it.each(cases)(
    "%s: a walk, also of a batch, is one statement within its limit and three beyond it",
    async (_name, form, pairs) => {
      for (const { direction, shown } of pairs) {
        const asked = { ...form, direction, shown };
        const whole = await walked([[roots[1] ?? ""], [roots[2] ?? "", roots[3] ?? ""]], bounds(asked));
        expect(whole.statements()).toBe(1);
        expect(whole.walks.map(({ levels }) => levels)).toEqual([[], []]);
        const [one, two] = whole.walks;
        const cut = await walked([[roots[1] ?? ""], [roots[2] ?? "", roots[3] ?? ""]], bounds({ ...asked, limit: 1 }));
        expect(cut.statements()).toBe(one && two && one.nodes.length + two.nodes.length > 2 ? 3 : 1);
        expect(cut.walks.map(({ nodes }) => nodes[0])).toEqual([one?.nodes[0], two?.nodes[0]]);
      }
    },
    120_000,
  );

  it("a walk costs what it reaches, not what the graph holds", async () => {
    const whole = await profile(walkTexts(bounds({})).entities(), { batch: [[roots[3]]], maxNodes: neo4j.int(10_001) });
    expect(whole.rows).toBe(deep.nodes);
    const near = await profile(walkTexts(bounds({ depth: 1 })).entities(), {
      batch: [[roots[3]]],
      maxNodes: neo4j.int(10_001),
    });
    expect(near.rows).toBe(deep.width + 2);
    expect(near.hits * 4).toBeLessThan(whole.hits);
    const stops = "(item:Version AND item.artifact STARTS WITH $p0)";
    const text = walkTexts(bounds({ stopIf: stops, params: {} })).entities();
    const stopped = await profile(text, { batch: [[roots[3]]], maxNodes: neo4j.int(10_001), p0: "layer-9" });
    expect(stopped.rows).toBe(deep.width + 2);
    expect(stopped.hits * 4).toBeLessThan(whole.hits);
    // As of a time at which only the root existed.
    const early = await profile(walkTexts(bounds({ asOf: 0 })).entities(), {
      batch: [[roots[3]]],
      maxNodes: neo4j.int(10_001),
      asOf: 0,
    });
    expect(early.rows).toBe(1);
    expect(early.hits * 4).toBeLessThan(whole.hits);
  });
});
