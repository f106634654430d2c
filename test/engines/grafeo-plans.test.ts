import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";
import { bulkVersions } from "../support/bulk-versions.ts";
import { notedStore } from "../support/noted-store.ts";
import { type Engine, engines, freshProject, startTestService, type TestService } from "../support/service.ts";

/** The number of unrelated nodes of each kind. */
const count = 3_000;
const labels = "Project Stage Holder Promotion AliasChange Approval Run Step Upload Operation Event".split(" ");

function crowd(label: string): Statement<Params, never> {
  return {
    name: "crowd",
    text: `UNWIND range(1, $count) AS i WITH i, '${label}-' + toString(i) AS x CREATE (:${label === "Run" || label === "Step" ? "Execution:Entity:" : ""}${label}
    {id: x, key: x, name: x, project: x, stage: x, version: x, artifactKey: x, from: x, place: x, status: 'COMPLETED', state: 'COMPLETE', createdAt: i})`,
  };
}

interface Asked {
  statement: Statement<Params, unknown>;
  params: Params;
}

class Undone extends Error {}

/** The same for nodes that don't exist yet: what was created once can't be created again. */
function elsewhere(params: Params, project: string): Params {
  return JSON.parse(
    JSON.stringify(params)
      .replaceAll(project, "elsewhere")
      .replaceAll(/"[0-9a-f]{8}-/g, '"ffffffff-'),
  ) as Params;
}

/** The most rows that one scan of a statement read. Its writes are rolled back. */
async function scanned(store: GraphStore, { statement, params: given }: Asked, project: string): Promise<number> {
  let profile = "";
  const params = /^(create|record|define)-/.test(statement.name) ? elsewhere(given, project) : given;
  const undone = store.write(async (tx) => {
    const text = `PROFILE ${statement.text.replaceAll(/^\/\/.*$/gm, "")}`;
    const [row] = await tx.run<Params, { profile: string }>({ name: "profile", text }, params);
    profile = row?.profile ?? "";
    throw new Undone();
  });
  await expect(undone, statement.name).rejects.toThrow(Undone);
  return Math.max(0, ...[...profile.matchAll(/Scan \(.*\) +rows=(\d+)/g)].map(([, rows]) => Number(rows)));
}

/** Statements that may read all nodes of a kind: background jobs, and lookups by the beginning of an id. */
const allowed = new Set([
  "find-silent-runs",
  "find-unfinished-uploads",
  "expire-uploads",
  "expire-operations",
  "resolve-prefixes",
]);

describe("query plans on Grafeo", () => {
  const asked = new Map<string, Asked>();
  const project = freshProject();
  const ref = `${project}/a`;
  let store: GraphStore;
  let service: TestService;

  const call = async (verb: string, input: object, fields = "__typename"): Promise<Record<string, { id: string }>> => {
    const type = `${verb[0]?.toUpperCase()}${verb.slice(1)}Input`;
    const text = `mutation ($input: ${type}!) { ${verb}(input: $input) { ${fields} } }`;
    const answer = await service.data<Record<string, Record<string, { id: string }>>>(text, { input });
    return answer[verb] ?? {};
  };

  beforeAll(async () => {
    store = await grafeoStore({ shuffle: true });
    await bulkVersions(store, "bulk", count);
    for (const label of labels) await store.write((tx) => tx.run(crowd(label), { count }));
    const engine: Engine = engines[0];
    const graph = notedStore(store, (statement, params) => {
      asked.set(statement.name, { statement: statement as Asked["statement"], params });
    });
    service = await startTestService(engine, {}, { graph });
  }, 120_000);
  afterAll(() => service?.close());

  const version = { project, name: "a", metadata: { n: 1 }, tags: ["t"], labels: [{ key: "k", value: "v" }] };

  /** Records something in every possible way; returns the run and its step. */
  const recordAll = async (digest: string) => {
    const named = { ...version, aliases: ["best"], ifChanged: true };
    await call("logVersion", { ...named, versionName: "v1", key: "k1", files: [{ path: "f", digest }] });
    for (const n of [2, 3]) await call("logVersion", { ...named, metadata: { n }, inputs: [`${ref}:1`] });
    const outputs = [{ slot: "o", name: "b", links: [{ rel: "r", version: `${ref}:1` }] }];
    const steps = [{ name: "s", inputs: [{ version: `${ref}:1` }], outputs }];
    await call("publishRun", { project, pipeline: "p", steps });
    const { run } = await call("startRun", { project, name: "r" }, "run { id }");
    const { step } = await call("startStep", { run: run?.id, name: "s" }, "step { id }");
    await call("updateExecution", { id: step?.id, metadata: { m: 1 }, tags: { add: ["x"] } });
    await call("logMetrics", { execution: run?.id, metrics: [{ key: "loss", value: 1 }] });
    const edges = { inputs: [{ version: ref }], outputs: [{ version: `${ref}:2` }] };
    await call("recordLineage", { execution: step?.id, ...edges });
    await call("endExecution", { id: run?.id, status: "COMPLETED" });
    return { run: run?.id, step: step?.id };
  };

  const changeAll = async () => {
    const [first, second, production] = [`${ref}:1`, `${ref}:2`, { stage: "production" }];
    await call("setAlias", { ref: second, alias: "best" });
    await call("updateVersion", { ref: second, metadata: { set: { n: 9 } }, tags: { add: ["u"], remove: ["t"] } });
    await call("updateArtifact", { project, name: "a", tags: { add: ["u"] } });
    await call("approve", { ref: second, ...production });
    for (const promoted of [first, second]) await call("promote", { version: promoted, ...production });
    await call("rollback", { project, name: "a", ...production });
    await call("demote", { version: first, ...production });
    const gates = [{ name: "g", requires: { inputStage: "staging" } }];
    await call("defineStage", { project, name: "staging", gates });
    await call("promote", { version: second, stage: "staging", force: true });
    await call("removeAlias", { project, name: "a", alias: "best" });
    await call("prune", { project, keepLast: 1, dryRun: true });
    await call("deleteVersion", { ref: `${ref}:3`, force: true });
  };

  const askAll = (digest: string, run: string | undefined, step: string | undefined) => {
    const text = `query ($at: VersionRef!, $project: String!, $step: ID!) {
      latest: version(ref: $at) {
        isLatest stage aliases approvals { actor } files { path } producers { totalCount } consumers { totalCount } promotions { totalCount }
        artifact { latest { id } aliasHistory { totalCount } }
      }
      staged: version(ref: "${ref}:staging") { id } named: version(ref: "${ref}:v1") { id } counted: version(ref: "${ref}:1") { id }
      made: version(ref: "${ref}@${run}") { id } stored: version(ref: "${digest}") { id }
      stages(project: $project) { holders { version { id } } } node(id: $step) { id }
      lineage(of: [$at], direction: BOTH) { nodes { id } } recipe(of: $at) { complete } staleness(of: $at) { stale }
      impact(of: $at) { truncated } versions(filter: { project: { eq: $project } }) { totalCount } }`;
    return service.data(text, { at: ref, project, step });
  };

  it("a statement that scans the whole graph is recognized by its profile", async () => {
    const wide = { name: "wide", text: "MATCH (v:Version) WHERE v.number + 1 = 8 RETURN v.id AS id" };
    expect(await scanned(store, { statement: wide, params: {} }, project)).toBeGreaterThanOrEqual(count);
  });

  it("every statement begins with an index, however large the graph is", async () => {
    const digest = await service.put(project, "bytes");
    const { run, step } = await recordAll(digest);
    await changeAll();
    await askAll(digest, run, step);
    const wide: string[] = [];
    for (const [name, one] of asked) {
      const rows = allowed.has(name) ? 0 : await scanned(store, one, project);
      if (rows >= count) wide.push(`${name} reads ${rows}`);
    }
    expect(asked.size).toBeGreaterThan(50);
    expect(wide).toEqual([]);
  }, 120_000);
});
