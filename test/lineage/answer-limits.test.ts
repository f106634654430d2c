import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { say } from "../support/walks.ts";

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
const publish = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
const publishSteps =
  "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { steps { nodes { id } } } } }";
type Published = { publishRun: { run: { steps: { nodes: { id: string }[] } } } };
const recordLineage = "mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";
const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const paths = `query ($from: VersionRef!, $to: VersionRef!, $first: Int) { paths(from: $from, to: $to, first: $first) {
  complete paths { length nodes { id } edges { from } } } }`;
type Paths = { paths: { complete: boolean; paths: { length: number; nodes: { id: string }[]; edges: object[] }[] } };
const impact = "query ($of: VersionRef!) { impact(of: $of) { versions executions truncated aliased { alias } } }";
const staleness = "query ($of: VersionRef!) { staleness(of: $of) { stale } }";

/** More readers of a version than the service reads. */
const crowd = say(`MATCH (v:Entity {id: $id})
  UNWIND range(1, $count) AS i
  CREATE (v)-[:CONSUMED_BY {slot: '', role: ''}]->(:Entity:Execution:Run {id: $id + '-' + toString(i), project: $project})`);

/** Inputs or outputs of an execution, inserted directly into the store. */
function crowded(edge: string) {
  return say<{ execution: string; count: number; project: string }, never>(`MATCH (x:Entity:Execution {id: $execution})
    UNWIND range(1, $count) AS i
    WITH x, i, $execution + '-' + toString(i) AS id, $execution + '/' + toString(i) AS name
    CREATE (v:Entity:Version {id: id, key: $project + '/' + name + ':1', artifactKey: $project + '/' + name, artifact: name,
      project: $project, number: 1, kind: 'MODEL', state: 'READY', metadata: '{}', author: 'test', createdAt: i, updatedAt: i, text: name, nameKey: name})
    CREATE ${edge}`);
}
const readByIt = crowded("(v)-[:CONSUMED_BY {slot: '', role: '', at: 1, rank: id}]->(x)");
const madeByIt = crowded("(x)-[:PRODUCED {slot: '', role: '', at: 1, rank: id}]->(v)");
const recipe =
  "query ($of: VersionRef!) { recipe(of: $of) { complete missing steps { name inputs { version { id } } outputs { version { id } } } } }";
type Slots = { version: { id: string } }[];
type Recipe = {
  recipe: { complete: boolean; missing: string[]; steps: { name: string; inputs: Slots; outputs: Slots }[] };
};

describeEngines("limits of answers about lineage", (engine) => {
  let service: TestService;
  let store: GraphStore;
  beforeAll(async () => {
    store = await engine.open();
    service = await startTestService(engine, {}, { graph: store });
  });
  afterAll(() => service?.close());

  const logged = async (input: object): Promise<string> =>
    (await service.data<{ logVersion: { version: { id: string } } }>(log, { input })).logVersion.version.id;
  const find = async (from: string, to: string, first: number) =>
    (await service.data<Paths>(paths, { from, to, first })).paths;

  it("a ladder of 60 diamonds has more than 10 shortest paths, and the first 10 are returned", async () => {
    const project = freshProject();
    await logged({ project, name: "v0" });
    const steps = range(60).flatMap((i) => [
      { name: `l${i}`, inputs: [{ version: `${project}/v0` }].slice(i), outputs: [{ name: `l${i}` }] },
      { name: `r${i}`, inputs: [{ version: `${project}/v0` }].slice(i), outputs: [{ name: `r${i}` }] },
      { name: `j${i}`, inputs: [{ step: `l${i}` }, { step: `r${i}` }], outputs: [{ name: `v${i + 1}` }] },
    ]);
    for (const i of range(59))
      for (const side of ["l", "r"])
        steps.find(({ name }) => name === `${side}${i + 1}`)?.inputs.push({ step: `j${i}` } as never);
    await service.data(publish, { input: { project, steps } });
    const { complete, paths: found } = await find(`${project}/v0`, `${project}/v60`, 10);
    expect(complete).toBe(false);
    expect(found.map(({ length }) => length)).toEqual(range(10).map(() => 120));
    expect(new Set(found.map(({ nodes }) => nodes.map(({ id }) => id).join())).size).toBe(10);
    const part = await find(`${project}/v57`, `${project}/v60`, 8);
    expect([part.paths.length, part.complete]).toEqual([8, true]);
  });

  it("a chain of 1,000 steps has one path", async () => {
    const project = freshProject();
    const steps = range(1_000).map((i) => ({
      name: `s${i}`,
      inputs: i ? [{ step: `s${i - 1}` }] : [],
      outputs: [{ name: `a${i}` }],
    }));
    await service.data(publish, { input: { project, steps } });
    const { complete, paths: found } = await find(`${project}/a0`, `${project}/a999`, 10);
    expect([complete, found.length, found[0]?.length]).toEqual([true, 1, 999]);
  });

  it("impact says that it is truncated beyond its limit, and the other answers refuse to guess", async () => {
    const project = freshProject();
    const old = await logged({ project, name: "old" });
    const of = await logged({ project, name: "read", inputs: [old] });
    await logged({ project, name: "made", inputs: [of], aliases: ["best"] });
    await store.write((tx) => tx.run(crowd, { id: of, count: 20_001, project }));
    expect(await service.data(impact, { of })).toEqual({
      impact: { versions: 1, executions: 20_002, truncated: false, aliased: [{ alias: "best" }] },
    });
    const near = await logged({ project, name: "end", inputs: [of] });
    await store.write((tx) => tx.run(crowd, { id: near, count: 80_000, project }));
    const beyond = await logged({ project, name: "far", inputs: [near] });
    await logged({ project, name: "further", inputs: [beyond] });
    expect(await service.data(staleness, { of })).toEqual({ staleness: { stale: false } });
    await logged({ project, name: "old" });
    const refused = await service.refusal(staleness, { of });
    expect(refused).toMatchObject({ code: "TOO_COMPLEX", limit: 100_000 });
    const cut = await service.data<{ impact: { truncated: boolean; versions: number } }>(impact, { of: old });
    expect(cut.impact).toMatchObject({ truncated: true, aliased: [{ alias: "best" }] });
  }, 120_000);

  it("a recipe says what it omits: inputs beyond 10,000 items, outputs beyond 20,000", async () => {
    const project = freshProject();
    const steps = ["reads", "makes"].map((name) => ({ name, code: { commit: "1" }, outputs: [{ name }] }));
    const made = await service.data<Published>(publishSteps, { input: { project, steps } });
    const [reads, makes] = made.publishRun.run.steps.nodes.map(({ id }) => id);
    await store.write(async (tx) => {
      await tx.run(readByIt, { execution: reads ?? "", count: 9_998, project });
      await tx.run(madeByIt, { execution: makes ?? "", count: 19_999, project });
    });
    const recipeOf = async (name: string) => (await service.data<Recipe>(recipe, { of: `${project}/${name}` })).recipe;
    const fits = await recipeOf("reads");
    expect(fits.steps.map(({ inputs }) => inputs.length)).toEqual([9_998]);
    expect(fits.missing.filter((line) => !line.includes("neither a producer nor bytes"))).toEqual([]);
    const all = await recipeOf("makes");
    expect([all.complete, all.missing, all.steps[0]?.outputs.length]).toEqual([true, [], 20_000]);

    const late = ["late"].map((name) => ({ slot: name, version: `${project}/makes` }));
    await service.data(recordLineage, { input: { execution: reads, inputs: late } });
    const { complete, missing, steps: left } = await recipeOf("reads");
    expect([complete, left.map(({ name }) => name).includes("reads")]).toEqual([false, true]);
    expect(missing.at(-1)).toBe(
      "more than 10000 versions and executions are upstream; the most distant ones are left out",
    );
    await service.data(recordLineage, { input: { execution: makes, outputs: [{ version: `${project}/reads` }] } });
    const more = await recipeOf("makes");
    expect([more.complete, more.steps[0]?.outputs.length]).toEqual([false, 20_000]);
    expect(more.missing).toEqual(["more than 20000 outputs; the others are left out"]);
  }, 120_000);
});
