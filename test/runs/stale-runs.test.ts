import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEngines, freshProject, only, startTestService, type TestService } from "../support/service.ts";

const jobs = only("mark-stale-runs");
const seconds = 1_000;
const publish =
  "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id steps { nodes { id } } } } }";
const statusQuery = "query ($id: ID!) { node(id: $id) { ... on Execution { status endedAt } } }";

/** Calls that count as a sign of life of a run or its step. */
const signs: Record<string, (run: string, step: string, project: string) => [string, object]> = {
  "a heartbeat": (run) => ["updateExecution", { id: run }],
  "a heartbeat of a step": (_run, step) => ["updateExecution", { id: step }],
  "metadata of a step": (_run, step) => ["updateExecution", { id: step, metadata: { a: 1 } }],
  metrics: (run) => ["logMetrics", { execution: run, metrics: [{ key: "k", value: 1 }] }],
  "metrics of a step": (_run, step) => ["logMetrics", { execution: step, metrics: [{ key: "k", value: 1 }] }],
  "a new step": (run) => ["startStep", { run, name: "t" }],
  "the end of a step": (_run, step) => ["endExecution", { id: step, status: "COMPLETED" }],
  "an input": (run, _step, project) => ["recordLineage", { execution: run, inputs: [{ version: `${project}/there` }] }],
  "an input of a step": (_run, step, project) => [
    "recordLineage",
    { execution: step, inputs: [{ version: `${project}/there` }] },
  ],
  "a version": (run, _step, project) => ["logVersion", { project, name: "made", producer: { run } }],
  "a version of a step": (_run, step, project) => ["logVersion", { project, name: "made", producer: { step } }],
  "a run under it": (run, _step, project) => ["startRun", { project, parent: run }],
};
function mutation(verb: string) {
  return `mutation ($input: ${verb[0]?.toUpperCase()}${verb.slice(1)}Input!) { ${verb}(input: $input) { __typename } }`;
}

describeEngines("stale runs", (engine) => {
  let graph: GraphStore;
  let replicas: [TestService, TestService];
  let clock = Date.now();
  const now = () => clock;
  beforeAll(async () => {
    graph = await engine.open();
    const shared = { ...graph, close: async () => undefined };
    replicas = [
      await startTestService(engine, {}, { graph: shared, now, jobs }),
      await startTestService(engine, {}, { graph: shared, now, jobs }),
    ];
  });
  afterAll(async () => {
    for (const replica of replicas ?? []) await replica.close();
    await graph?.close();
  });

  const call = (verb: string, input: object) => replicas[0].data(mutation(verb), { input });
  const project = async (staleAfterSeconds: number | null = 60): Promise<string> => {
    const name = freshProject();
    await call("createProject", { name, staleAfterSeconds });
    await call("logVersion", { project: name, name: "there" });
    return name;
  };
  const run = async (name: string, status = "RUNNING") => {
    const input = { project: name, status, steps: [{ name: "s", status: "RUNNING" }] };
    const { publishRun } = await replicas[0].data<{
      publishRun: { run: { id: string; steps: { nodes: { id: string }[] } } };
    }>(publish, { input });
    return { id: publishRun.run.id, step: publishRun.run.steps.nodes[0]?.id ?? "" };
  };
  const statusOf = async (id: string) =>
    (await replicas[1].data<{ node: { status: string; endedAt: string | null } }>(statusQuery, { id })).node.status;
  const until = (id: string, status: string) => expect.poll(() => statusOf(id), { timeout: 15_000 }).toBe(status);
  const eventsOf = (id: string) =>
    graph.read<{ id: string }, { type: string; step: string | null; actor: string; at: number }>(
      {
        name: "events-of",
        text: "MATCH (e:Event) WHERE e.run = $id RETURN e.type AS type, e.step AS step, e.actor AS actor, e.at AS at ORDER BY at",
      },
      { id },
    );

  it("a silent run becomes STALE after the time its project sets, once, with an event, and others do not", async () => {
    const [short, long, never] = [await project(60), await project(7_200), await project(null)];
    const silent = await run(short);
    const others = {
      queued: await run(short, "QUEUED"),
      completed: await run(short, "COMPLETED"),
      patient: await run(long),
      unwatched: await run(never),
    };
    clock += 59 * seconds;
    const fresh = await run(short);
    clock += 2 * seconds;
    await until(silent.id, "STALE");
    const statuses = await Promise.all([fresh, ...Object.values(others)].map(({ id }) => statusOf(id)));
    expect(statuses).toEqual(["RUNNING", "QUEUED", "COMPLETED", "RUNNING", "RUNNING"]);
    expect(await statusOf(silent.step)).toBe("RUNNING");
    // Although both replicas check many runs at once, each run gets one event.
    const many = await Promise.all(Array.from({ length: 30 }, () => run(short)));
    clock += 61 * seconds;
    for (const { id } of many) await until(id, "STALE");
    for (const { id } of [silent, ...many]) {
      const events = await eventsOf(id);
      expect(events.map(({ type, step }) => [type, step ?? null])).toEqual([
        ["RUN_STARTED", null],
        ["RUN_UPDATED", null],
      ]);
      expect(events[1]?.actor).toBe("pedigree");
    }
  });

  it("a run is not silent while it or one of its steps is updated", async () => {
    const name = await project();
    const runs = await Promise.all(Object.keys(signs).map(() => run(name)));
    const witness = await run(name);
    clock += 40 * seconds;
    for (const [i, sign] of Object.values(signs).entries()) {
      const { id, step } = runs[i] ?? witness;
      await call(...sign(id, step, name));
    }
    clock += 40 * seconds;
    await until(witness.id, "STALE");
    const statuses = await Promise.all(runs.map(async ({ id }, i) => [Object.keys(signs)[i], await statusOf(id)]));
    expect(statuses).toEqual(Object.keys(signs).map((sign) => [sign, "RUNNING"]));
  });

  it.each(Object.keys(signs))("a stale run is RUNNING again after %s, and an event reports it", async (sign) => {
    const name = await project();
    const { id, step } = await run(name);
    clock += 61 * seconds;
    await until(id, "STALE");
    await call(...(signs[sign]?.(id, step, name) ?? ["", {}]));
    expect(await statusOf(id)).toBe("RUNNING");
    const ofRun = (await eventsOf(id)).filter((event) => event.type === "RUN_UPDATED" && !event.step);
    expect(ofRun).toHaveLength(2);
    expect(ofRun[1]?.at).toBeGreaterThan(ofRun[0]?.at ?? Number.POSITIVE_INFINITY);
    // And becomes stale again.
    clock += 61 * seconds;
    await until(id, "STALE");
  });

  it("a stale run can be ended", async () => {
    const { id } = await run(await project());
    clock += 61 * seconds;
    await until(id, "STALE");
    await call("endExecution", { id, status: "FAILED" });
    expect(await statusOf(id)).toBe("FAILED");
  });

  it.each([0, -1, 31_536_001])("staleAfterSeconds can't be %i", async (staleAfterSeconds) => {
    const name = await project();
    for (const verb of ["createProject", "updateProject"])
      expect(
        await replicas[0].refusal(mutation(verb), {
          input: { name: verb === "createProject" ? freshProject() : name, staleAfterSeconds },
        }),
      ).toMatchObject({
        code: "INVALID_INPUT",
        field: "staleAfterSeconds",
        message: expect.stringContaining("31536000"),
      });
  });
});
