import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { allPaths, type MayRead, type PlainGraph, plainImpact, plainStaleness } from "../oracle/answers.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { graphOf, insert, plans } from "./random-graphs.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** The faster embedded engine gets all graphs, Neo4j the first of them. */
function runsOf(name: string): number {
  return Number(process.env.RUNS ?? (name === "grafeo" ? 40 : 15));
}

const askPaths = `query ($from: VersionRef!, $to: VersionRef!, $first: Int) { paths(from: $from, to: $to, first: $first) { complete paths {
  length nodes { id depth node { __typename } } edges { from to kind slot role } } } }`;
const askImpact =
  "query ($of: VersionRef!) { impact(of: $of) { versions executions truncated aliased { alias depth version { id } } promoted { stage depth version { id } } } }";
const askStaleness =
  "query ($of: VersionRef!) { staleness(of: $of) { stale outdated { depth input { id } newest { id } } } }";
const askStale =
  "query ($filter: VersionFilter) { versions(filter: $filter, first: 500, orderBy: [{ field: NUMBER }]) { totalCount nodes { id } } }";

type Node = { id: string; depth: number; node: { __typename: string } };
type Edge = { from: string; to: string; kind: string; slot: string | null; role: string | null };
type Paths = { complete: boolean; paths: { length: number; nodes: Node[]; edges: Edge[] }[] };
type Impact = {
  promoted: { stage: string; depth: number; version: { id: string } }[];
  aliased: { alias: string; depth: number; version: { id: string } }[];
  versions: number;
  executions: number;
  truncated: boolean;
};
type Staleness = { stale: boolean; outdated: { depth: number; input: { id: string }; newest: { id: string } }[] };

function sorted<T>(items: T[]): T[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Expects existing paths, the shortest first, and none missing. */
function checkPaths(graph: PlainGraph, all: string[][], first: number, { paths, complete }: Paths, may: MayRead) {
  const given = paths.map(({ nodes }) => nodes.map(({ id }) => id));
  expect(complete).toBe(all.length <= first);
  expect(given.map((path) => path.length)).toEqual(all.slice(0, first).map((path) => path.length));
  expect(new Set(given.map(String)).size).toBe(given.length);
  for (const path of given) expect(all.map(String)).toContain(String(path));
  const projectOf = new Map([...graph.versions, ...graph.executions].map(({ id, project }) => [id, project]));
  const hidden = (id: string) => !may(projectOf.get(id) ?? "");
  for (const { nodes, edges, length } of paths) {
    expect(length).toBe((nodes.length - 1) / 2);
    expect(nodes.map(({ depth }) => depth)).toEqual(nodes.map((_, i) => Math.ceil(i / 2)));
    for (const { id, node } of nodes) expect(node.__typename === "Restricted").toBe(hidden(id));
    const steps = nodes.slice(1).flatMap(({ id }, i) => {
      const from = nodes[i]?.id ?? "";
      return graph.edges
        .filter((edge) => edge.from === from && edge.to === id)
        .map(({ slot, role }) => {
          const actual = !hidden(from) && !hidden(id);
          const kind = i % 2 ? "PRODUCED" : "CONSUMED";
          return { from, to: id, kind, slot: (actual && slot) || null, role: (actual && role) || null };
        });
    });
    expect(sorted(edges)).toEqual(sorted(steps));
  }
}

describeEngines(`paths, impact and staleness of random graphs (SEED=${seed})`, (engine) => {
  const sample = fc.sample(plans, { seed, numRuns: runsOf(engine.name) });
  const opens = sample.map(freshProject);
  const secrets = sample.map(freshProject);
  let service: TestService;
  let store: GraphStore;
  let folder = "";
  const graphs = sample.map((plan, i) => graphOf(plan, opens[i] ?? "", secrets[i] ?? ""));
  const readers: Record<string, MayRead> = { admin: () => true, viewer: (project) => opens.includes(project) };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pedigree-answers-"));
    const entry = (actor: string, projects: string[]) => ({
      sha256: createHash("sha256").update(actor).digest("hex"),
      actor,
      role: "viewer",
      projects,
    });
    const path = join(folder, "tokens.json");
    writeFileSync(path, JSON.stringify([entry("admin", ["*"]), entry("viewer", opens)]));
    store = await engine.open();
    const env = { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: path };
    service = await startTestService(engine, env, { graph: store });
    for (const graph of graphs) await insert(store, graph);
  }, 60_000);
  afterAll(async () => {
    await service?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** Queries everything about each graph as each reader; a failure names the graph. */
  const examine = async (check: (graph: PlainGraph, actor: string, may: MayRead, i: number) => Promise<void>) => {
    for (const [i, graph] of graphs.entries()) {
      for (const [actor, may] of Object.entries(readers)) {
        try {
          await check(graph, actor, may, i);
        } catch (error) {
          throw new Error(`SEED=${seed} graph ${i} as ${actor}: ${String(error)} ${JSON.stringify(graph)}`, {
            cause: error,
          });
        }
      }
    }
  };
  const readableIds = (graph: PlainGraph, may: MayRead): string[] =>
    graph.versions.filter(({ project }) => may(project)).map(({ id }) => id);

  it("paths are those of an exhaustive search, the shortest first", async () => {
    let several = 0;
    await examine(async (graph, actor, may, i) => {
      const ids = readableIds(graph, may);
      for (const from of ids.slice(0, 4)) {
        for (const [k, to] of ids.entries()) {
          const first = ((i + k) % 10) + 1;
          const all = allPaths(graph, from, to);
          if (all.length > 1) several++;
          const { paths } = await service.data<{ paths: Paths }>(askPaths, { from, to, first }, actor);
          checkPaths(graph, all, first, paths, may);
        }
      }
    });
    expect(several).toBeGreaterThan(0);
  }, 120_000);

  it("impact is what a plain breadth-first search reaches", async () => {
    let aliased = 0;
    await examine(async (graph, actor, may) => {
      for (const of of readableIds(graph, may)) {
        const { impact } = await service.data<{ impact: Impact }>(askImpact, { of }, actor);
        const actual = impact.aliased.map(({ alias, depth, version }) => ({ id: version.id, alias, depth }));
        const expected = plainImpact(graph, of, may);
        const promoted = impact.promoted.map(({ stage, depth, version }) => ({ id: version.id, stage, depth }));
        const inStaging = expected.aliased
          .filter(({ alias }) => alias === "candidate")
          .map(({ id, depth }) => ({ id, stage: "staging", depth }));
        expect({ ...impact, aliased: sorted(actual), promoted: sorted(promoted) }).toEqual({
          ...{ ...expected, aliased: sorted(expected.aliased), promoted: sorted(inStaging) },
        });
        expect(actual.map(({ depth }) => depth)).toEqual(actual.map(({ depth }) => depth).sort((a, b) => a - b));
        aliased += actual.length;
      }
    });
    expect(aliased).toBeGreaterThan(0);
  }, 120_000);

  it("staleness is that of the definition for every version", async () => {
    let stale = 0;
    await examine(async (graph, actor, may) => {
      for (const of of readableIds(graph, may)) {
        const { staleness } = await service.data<{ staleness: Staleness }>(askStaleness, { of }, actor);
        const actual = staleness.outdated.map(({ depth, input, newest }) => ({
          input: input.id,
          newest: newest.id,
          depth,
        }));
        const expected = plainStaleness(graph, of, may);
        expect(sorted(actual)).toEqual(sorted(expected));
        expect(staleness.stale).toBe(expected.length > 0);
        if (staleness.stale) stale++;
      }
    });
    expect(stale).toBeGreaterThan(0);
  }, 120_000);

  it("the stale filter keeps exactly the stale versions", async () => {
    let stale = 0;
    await examine(async (graph, actor, may, i) => {
      for (const project of [opens[i] ?? "", secrets[i] ?? ""]) {
        const all = graph.versions.filter((version) => version.project === project && may(project));
        const isStale = ({ id }: { id: string }) => plainStaleness(graph, id, may).length > 0;
        const ask = async (filter: object) => {
          const { versions } = await service.data<{ versions: { totalCount: number; nodes: { id: string }[] } }>(
            askStale,
            { filter: { project: { eq: project }, ...filter } },
            actor,
          );
          expect(versions.totalCount).toBe(versions.nodes.length);
          return versions.nodes.map(({ id }) => id).sort();
        };
        const idsOf = (items: { id: string }[]) => items.map(({ id }) => id).sort();
        const there = all.filter(({ deleted }) => !deleted);
        expect(await ask({ stale: true })).toEqual(idsOf(there.filter(isStale)));
        expect(await ask({ stale: false })).toEqual(idsOf(there.filter((version) => !isStale(version))));
        expect(await ask({ stale: true, state: { eq: "DELETED" } })).toEqual(
          idsOf(all.filter((version) => version.deleted && isStale(version))),
        );
        stale += there.filter(isStale).length;
      }
    });
    expect(stale).toBeGreaterThan(0);
  }, 120_000);
});
