import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectedLineage, type PlainGraph, type Question, sortEdges } from "../oracle/lineage.ts";
import { askLineage, bigPlan, plainGraph, questionOf, type RecordedGraph, recordGraph } from "../support/graphs.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { filterOf, type Projects, versionTraits } from "../support/traits.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Queries per engine: Neo4j plans every filter again. A soak run sets more. */
function roundsOf(name: string): number {
  return Number(process.env.ROUNDS ?? (name === "grafeo" ? 300 : 80));
}
/** The viewer may not read the second project. */
const projects: Projects = [freshProject(), freshProject()];
const plan = fc.sample(bigPlan, { seed, numRuns: 1 })[0] ?? { artifacts: [], runs: [], edges: [] };
const readable = [...plan.artifacts.keys()].filter((i) => versionTraits(plan, i, projects).project === projects[0]);

/** Queries with filters, half of them by an actor who may read only the first project, and then from roots in it. */
const asked = fc
  .tuple(
    questionOf(plan.artifacts.length, [40, 290, 10_000]),
    fc.option(filterOf(projects), { nil: undefined }),
    fc.option(filterOf(projects), { nil: undefined }),
    fc.boolean(),
  )
  .map(
    ([question, filter, stopAt, everything]): Question => ({
      ...question,
      ...(filter && { filter }),
      ...(stopAt && { stopAt }),
      ...(!everything && {
        hidden: [projects[1]],
        roots: question.roots.map((root) => `v${readable[Number(root.slice(1)) % readable.length]}`),
      }),
    }),
  );

/** A version and the execution at its edge are more than one thing. */
const surelyCut: Question = {
  roots: [`v${plan.edges[0]?.version}`],
  ...{ direction: "BOTH", granularity: "EXECUTION", limit: 1 },
};

const tokens = [
  { actor: "admin", role: "admin", projects: ["*"] },
  { actor: "viewer", role: "viewer", projects: [projects[0]] },
].map((entry) => ({ ...entry, sha256: createHash("sha256").update(entry.actor).digest("hex") }));

/** Slot and role of an edge are hidden from those who may not read one of its ends, which another test covers. */
function unnamed<T extends object>(edge: T): T {
  return { ...edge, slot: null, role: null };
}

function order(a: { id: string }, b: { id: string }) {
  return a.id < b.id ? -1 : 1;
}

/** Queries, compares with plain code, and returns whether the limit truncated the answer. */
async function check(
  service: TestService,
  graph: PlainGraph,
  recorded: RecordedGraph,
  question: Question,
): Promise<boolean> {
  const { hidden } = question;
  const answer = await askLineage(service, question, recorded, hidden ? "viewer" : "admin");
  const expected = expectedLineage(graph, question, answer);
  const hint = `SEED=${seed} ${JSON.stringify(question)}`;
  const edgesOf = ({ edges }: typeof expected) => sortEdges(hidden ? edges.map(unnamed) : edges);
  expect([...answer.nodes].sort(order), hint).toEqual([...expected.nodes].sort(order));
  expect(edgesOf(answer), hint).toEqual(edgesOf(expected));
  expect([answer.truncated, answer.omitted], hint).toEqual([expected.truncated, expected.omitted]);
  return answer.truncated;
}

describeEngines(`random lineage filters (SEED=${seed})`, (engine) => {
  const graph: PlainGraph = plainGraph(plan, projects);
  let service: TestService;
  let recorded: RecordedGraph;
  beforeAll(async () => {
    const file = join(mkdtempSync(join(tmpdir(), "pedigree-test-")), "tokens.json");
    writeFileSync(file, JSON.stringify(tokens));
    service = await startTestService(engine, { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: file });
    const asAdmin: TestService = { ...service, data: (query, variables) => service.data(query, variables, "admin") };
    recorded = await recordGraph(asAdmin, plan, projects);
  }, 240_000);
  afterAll(() => service?.close());

  it("a filtered lineage is that of plain code for all filters, stops, directions, depths, granularities, limits and actors", async () => {
    const rounds = roundsOf(engine.name);
    const questions = [surelyCut, ...fc.sample(asked, { seed, numRuns: rounds })];
    let cut = 0;
    for (const question of questions) cut += (await check(service, graph, recorded, question)) ? 1 : 0;
    const kinds = ["stopAt", "filter", "hidden"] as const;
    for (const kind of kinds) expect(questions.filter((one) => one[kind]).length).toBeGreaterThan(rounds / 20);
    expect(cut).toBeGreaterThan(0);
  }, 240_000);
});
