import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { endExecution, startRun } from "../support/documents.ts";
import { reporter } from "../support/executions.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const described = {
  parameters: { depth: 4 },
  metadata: { note: "x" },
  tags: ["a", "b"],
  code: { repository: "r", commit: "c", entryPoint: "e" },
  environment: { image: "i" },
};

/** Runs and steps reported while they are running. */
describeEngines("runs and steps", (engine) => {
  const api = useApi(engine);
  const { start, step, update, end } = reporter(api);

  it("startRun keeps all fields, nests runs, and creates one run per key", async () => {
    const project = freshProject();
    const { run: parent } = await start({ project, name: "search" });
    const input = {
      project,
      pipeline: "weekly",
      name: "child",
      key: "k",
      status: "QUEUED",
      ...described,
      parent: parent.id,
      iteration: 2,
    };
    const { created, run } = await start(input);
    expect(created).toBe(true);
    expect(run).toMatchObject({
      ...described,
      name: "child",
      pipeline: "weekly",
      key: "k",
      status: "QUEUED",
      iteration: 2,
      startedAt: null,
      endedAt: null,
      parent: { id: parent.id },
      author: "admin",
    });
    expect(await start(input)).toMatchObject({ created: false, run: { id: run.id } });
    expect(await api.refusal(startRun, { input: { ...input, name: "other" } })).toMatchObject({ code: "CONFLICT" });
    const { run: grandchild } = await start({ project, name: "grandchild", parent: run.id });
    expect(await api.run(run.id)).toMatchObject({
      children: { nodes: [{ id: grandchild.id }] },
      parent: { id: parent.id },
    });
    expect(await api.run(parent.id)).toMatchObject({ children: { totalCount: 1 }, status: "RUNNING", name: "search" });
  });

  it("startStep creates one step per key in its run", async () => {
    const project = freshProject();
    const { run } = await start({ project });
    const { step: original } = await step({ run: run.id, name: "load" });
    await end({ id: original.id, status: "COMPLETED" });
    const input = {
      run: run.id,
      name: "load again",
      key: "k",
      status: "CACHED",
      cachedFrom: original.id,
      ...described,
    };
    const { created, step: cached } = await step(input);
    expect(created).toBe(true);
    expect(cached).toMatchObject({
      ...described,
      name: "load again",
      status: "CACHED",
      cachedFrom: { id: original.id },
      run: { id: run.id },
    });
    expect(cached.endedAt).not.toBeNull();
    expect(await step(input)).toMatchObject({ created: false, step: { id: cached.id } });
    const { run: other } = await start({ project });
    expect(await step({ ...input, run: other.id })).toMatchObject({ created: true });
    expect((await api.run(run.id)).steps.nodes.map((node) => node.name)).toEqual(["load", "load again"]);
  });

  it("updateExecution merges metadata, parameters and tags, and keeps those of other writers", async () => {
    const project = freshProject();
    const { run } = await start({ project, ...described });
    const changed = await update({
      id: run.id,
      metadata: { more: 1 },
      parameters: { depth: 5, lr: 0.1 },
      tags: { add: ["c", "b"], remove: ["a", "unknown"] },
    });
    expect(changed).toMatchObject({
      __typename: "Run",
      metadata: { note: "x", more: 1 },
      parameters: { depth: 5, lr: 0.1 },
      tags: ["b", "c"],
      status: "RUNNING",
    });
    const { step: made } = await step({ run: run.id, name: "s", metadata: { a: 1 } });
    expect(await update({ id: made.id, metadata: { a: null, b: [2] } })).toMatchObject({
      __typename: "Step",
      metadata: { a: null, b: [2] },
    });
    const writers = Array.from({ length: 8 }, (_, i) =>
      update({ id: run.id, metadata: { [`w${i}`]: i }, tags: { add: [`w${i}`] } }),
    );
    await Promise.all(writers);
    const { metadata, tags } = await api.run(run.id);
    expect(metadata).toMatchObject({ note: "x", more: 1, ...Object.fromEntries(writers.map((_, i) => [`w${i}`, i])) });
    expect(tags).toEqual(["b", "c", ...writers.map((_, i) => `w${i}`)]);
  });

  it("updateExecution with an id alone is a heartbeat, which changes nothing visible", async () => {
    const { run } = await start({ project: freshProject(), ...described });
    const before = await api.run(run.id);
    await update({ id: run.id });
    expect(await api.run(run.id)).toEqual(before);
  });

  it("a heartbeat revives a STALE run", async () => {
    const { run } = await api.publish({ project: freshProject(), status: "STALE" });
    expect(run).toMatchObject({ status: "STALE", endedAt: null });
    expect(await update({ id: run.id })).toMatchObject({ status: "RUNNING" });
  });

  it("a run ends once, with an error and a time", async () => {
    const { run } = await start({ project: freshProject(), ...described });
    const endedAt = new Date(Date.parse(run.startedAt ?? "") + 60_000).toISOString();
    const ended = await end({ id: run.id, status: "FAILED", error: "no memory", endedAt });
    expect(ended).toMatchObject({ status: "FAILED", error: "no memory", endedAt });
    for (const status of ["FAILED", "COMPLETED"]) {
      const refused = await api.refusal(endExecution, { input: { id: run.id, status, error: "other" } });
      expect(refused).toMatchObject({ code: "ILLEGAL_TRANSITION", from: "FAILED", to: status });
    }
    expect(await api.run(run.id)).toMatchObject({ status: "FAILED", error: "no memory", endedAt });
  });

  it("a queued run starts when its status becomes RUNNING", async () => {
    const { run } = await start({ project: freshProject(), status: "QUEUED" });
    const running = await update({ id: run.id, status: "RUNNING" });
    expect(running.startedAt).not.toBeNull();
    expect(running.endedAt).toBeNull();
    const done = await update({ id: run.id, status: "COMPLETED" });
    expect(Date.parse(done.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(running.startedAt ?? ""));
  });
});
