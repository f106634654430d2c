import { randomUUID } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { endExecution, publishRun, recordLineage, startRun, startStep, updateExecution } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

function invalid(field: string) {
  return { code: "INVALID_INPUT", field };
}
const notFound = { code: "NOT_FOUND" };
const unknown = randomUUID();
const big = { a: "x".repeat(200_000) };

describeEngines("refused calls", (engine) => {
  const api = useApi(engine);
  const project = freshProject();
  const ids = { run: "", step: "", ended: "" };
  let stored: unknown;
  /** Expects the project to be unchanged since the last call. */
  const nothingStored = async () => {
    const before = stored;
    stored = await api.inventory(project);
    expect(stored).toEqual(before);
  };

  // A failed test must not make the following ones fail too.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") stored = await api.inventory(project);
  });

  beforeAll(async () => {
    await api.log({ project, name: "there" });
    const { run } = await api.publish({
      project,
      status: "RUNNING",
      metadata: big,
      steps: [{ name: "s", status: "RUNNING" }],
    });
    const { run: ended } = await api.publish({ project });
    Object.assign(ids, { run: run.id, step: run.steps.nodes[0]?.id, ended: ended.id });
    stored = await api.inventory(project);
  });

  const refuses = (query: string, cases: [string, () => object, object][]) =>
    it.each(cases)("the call is refused and stores nothing: %s", async (_name, input, refused) => {
      expect(await api.refusal(query, { input: input() })).toMatchObject(refused);
      await nothingStored();
    });

  const step = (name: string, needs: string[]) => ({
    name,
    inputs: needs.map((need) => ({ step: need })),
    outputs: [{ name: `of-${name}` }],
  });
  const two = {
    name: "two",
    outputs: [
      { slot: "a", name: "x" },
      { slot: "b", name: "y" },
    ],
  };

  describe("publishRun", () => {
    refuses(publishRun, [
      ["a cycle of two steps", () => ({ project, steps: [step("a", ["b"]), step("b", ["a"])] }), invalid("steps")],
      [
        "a cycle of three steps",
        () => ({ project, steps: [step("x", []), step("a", ["x", "c"]), step("b", ["a"]), step("c", ["b", "c"])] }),
        invalid("steps"),
      ],
      [
        "a step that isn't in the call",
        () => ({ project, steps: [step("a", ["none"])] }),
        invalid("steps[0].inputs[0].step"),
      ],
      [
        "an output that the step hasn't",
        () => ({ project, steps: [two, { name: "use", inputs: [{ step: "two", output: "c" }] }] }),
        invalid("steps[1].inputs[0].output"),
      ],
      [
        "one of two outputs",
        () => ({ project, steps: [two, { name: "use", inputs: [{ step: "two" }] }] }),
        invalid("steps[1].inputs[0].output"),
      ],
      [
        "a version and a step for one input",
        () => ({ project, inputs: [{ version: `${project}/there`, step: "two" }], steps: [two] }),
        invalid("inputs[0]"),
      ],
      ["neither a version nor a step", () => ({ project, inputs: [{ slot: "x" }] }), invalid("inputs[0]")],
      [
        "an input that doesn't exist",
        () => ({
          project,
          steps: [{ name: "a", inputs: [{ version: `${project}/there` }, { version: `${project}/none` }] }],
        }),
        notFound,
      ],
      [
        "a malformed input",
        () => ({ project, steps: [{ name: "a", inputs: [{ version: "a:" }] }] }),
        invalid("steps[0].inputs[0].version"),
      ],
      ["an output that doesn't exist", () => ({ project, outputs: [{ version: `${project}/there:9` }] }), notFound],
      [
        "an output of the run without a name",
        () => ({ project, outputs: [{ slot: "x" }] }),
        invalid("outputs[0].name"),
      ],
      ["two steps of a name", () => ({ project, steps: [{ name: "a" }, { name: "a" }] }), invalid("steps[1].name")],
      ["a step without a name", () => ({ project, steps: [{ name: "" }] }), invalid("steps[0].name")],
      [
        "a version name twice",
        () => ({
          project,
          outputs: [
            { name: "a", versionName: "v" },
            { name: "a", aliases: ["v"] },
          ],
        }),
        { code: "INVALID_INPUT" },
      ],
      ["an unknown parent", () => ({ project, parent: unknown }), notFound],
      ["a step for a parent", () => ({ project, parent: ids.step }), notFound],
      ["an unknown step to take over from", () => ({ project, steps: [{ name: "a", cachedFrom: unknown }] }), notFound],
      ["a run to take over from", () => ({ project, steps: [{ name: "a", cachedFrom: ids.run }] }), notFound],
      ["an empty key", () => ({ project, key: "" }), invalid("key")],
      ["an empty parent", () => ({ project, parent: "" }), notFound],
      ["an empty pipeline", () => ({ project, pipeline: "", name: "a" }), invalid("pipeline")],
      [
        "an output in a project without a name",
        () => ({ project, outputs: [{ name: "a", project: "" }] }),
        invalid("outputs[0].project"),
      ],
      [
        "an end of what runs, at time 0",
        () => ({ project, steps: [{ name: "a", status: "RUNNING", endedAt: "1970-01-01T00:00:00Z" }] }),
        invalid("steps[0].endedAt"),
      ],
      [
        "an end of what runs",
        () => ({ project, steps: [{ name: "a", status: "RUNNING", endedAt: "2026-01-01T00:00:00Z" }] }),
        invalid("steps[0].endedAt"),
      ],
      ["parameters that are no object", () => ({ project, parameters: [1] }), invalid("parameters")],
      [
        "metrics that are no object",
        () => ({ project, steps: [{ name: "a", metrics: 5 }] }),
        invalid("steps[0].metrics"),
      ],
      [
        "metadata that is too large",
        () => ({ project, metadata: { a: big, b: big } }),
        { code: "TOO_LARGE", limit: 262_144 },
      ],
      ["a name with control characters", () => ({ project, name: "a\u0000" }), invalid("name")],
      ["a pipeline with control characters", () => ({ project, name: "a", pipeline: "a\n" }), invalid("pipeline")],
      ["a key with control characters", () => ({ project, key: "\u0007" }), invalid("key")],
      ["a tag with control characters", () => ({ project, tags: ["\u0007"] }), invalid("tags[0]")],
      [
        "a project for an output that can't be one",
        () => ({ project, outputs: [{ project: "a/b", name: "x" }] }),
        invalid("outputs[0].project"),
      ],
      ["a time that is none", () => ({ project, startedAt: "yesterday" }), { code: "BAD_USER_INPUT" }],
    ]);

    it("publishRun lists the steps of a cycle", async () => {
      const steps = [step("a", ["b"]), step("b", ["c"]), step("c", ["a"])];
      expect((await api.refusal(publishRun, { input: { project, steps } })).message).toMatch(/a.*b.*c/);
    });
  });

  describe("startRun", () => {
    refuses(startRun, [
      ...["COMPLETED", "FAILED", "CANCELED", "CACHED", "SKIPPED", "STALE"].map(
        (status): [string, () => object, object] => [status, () => ({ project, status }), invalid("status")],
      ),
      ["an unknown parent", () => ({ project, parent: unknown }), notFound],
      ["metadata that is no object", () => ({ project, metadata: "x" }), invalid("metadata")],
      ["a project that can't be one", () => ({ project: "a b" }), invalid("project")],
    ]);
  });

  describe("startStep", () => {
    refuses(startStep, [
      ["an unknown run", () => ({ run: unknown, name: "s" }), notFound],
      ["a step for a run", () => ({ run: ids.step, name: "s" }), notFound],
      ["STALE", () => ({ run: ids.run, name: "s", status: "STALE" }), invalid("status")],
      ["no name", () => ({ run: ids.run, name: "" }), invalid("name")],
      ["an unknown step to take over from", () => ({ run: ids.run, name: "s", cachedFrom: unknown }), notFound],
      [
        "a run that has ended",
        () => ({ run: ids.ended, name: "s" }),
        { code: "ILLEGAL_TRANSITION", from: "COMPLETED" },
      ],
    ]);
  });

  describe("updateExecution, endExecution and recordLineage", () => {
    refuses(updateExecution, [
      ["an unknown execution", () => ({ id: unknown, metadata: { a: 1 } }), notFound],
      [
        "metadata that grows too large",
        () => ({ id: ids.run, metadata: { b: big } }),
        { code: "TOO_LARGE", limit: 262_144 },
      ],
      ["metadata that is no object", () => ({ id: ids.run, metadata: [] }), invalid("metadata")],
      ["a tag with control characters", () => ({ id: ids.run, tags: { add: ["a", "\n"] } }), invalid("tags.add[1]")],
    ]);
    refuses(endExecution, [["an unknown execution to end", () => ({ id: unknown, status: "FAILED" }), notFound]]);
    refuses(recordLineage, [
      [
        "an unknown execution to record of",
        () => ({ execution: unknown, inputs: [{ version: `${project}/there` }] }),
        notFound,
      ],
      [
        "an unknown input",
        () => ({ execution: ids.run, inputs: [{ version: `${project}/there` }, { version: `${project}/none` }] }),
        notFound,
      ],
      [
        "a malformed output",
        () => ({ execution: ids.run, inputs: [{ version: `${project}/there` }], outputs: [{ version: "" }] }),
        invalid("outputs[0].version"),
      ],
      ["a run for a version", () => ({ execution: ids.run, inputs: [{ version: ids.run }] }), notFound],
    ]);
  });

  it("every mutation with an idempotency key answers CONFLICT to the same key with other content", async () => {
    await api.publish({ project, key: "p" });
    await api.data(startRun, { input: { project, key: "r" } });
    await api.data(startStep, { input: { run: ids.run, name: "s", key: "s" } });
    stored = await api.inventory(project);
    const conflict = { code: "CONFLICT", expected: expect.any(String), actual: expect.any(String) };
    expect(await api.refusal(publishRun, { input: { project, key: "p", iteration: 1 } })).toMatchObject(conflict);
    expect(await api.refusal(startRun, { input: { project, key: "r", tags: ["x"] } })).toMatchObject(conflict);
    expect(await api.refusal(startStep, { input: { run: ids.run, name: "s", key: "s", tags: ["x"] } })).toMatchObject(
      conflict,
    );
    await nothingStored();
  });

  it("unknown runs, nodes and artifacts are null", async () => {
    const ask = `query ($id: ID!, $project: String!) { run(id: $id) { id } node(id: $id) { id } artifact(project: $project, name: "none") { id } }`;
    expect(await api.data(ask, { id: unknown, project })).toEqual({ run: null, node: null, artifact: null });
    expect(await api.data("query ($id: ID!) { run(id: $id) { id } }", { id: ids.step })).toEqual({ run: null });
  });
});
