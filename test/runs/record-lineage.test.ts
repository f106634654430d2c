import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { reporter } from "../support/executions.ts";
import { describeEngines, freshProject } from "../support/service.ts";

/** Inputs and outputs reported while runs and steps are running. */
describeEngines("recordLineage", (engine) => {
  const api = useApi(engine);
  const { start, step, record } = reporter(api);

  describe("record lineage", () => {
    it("recordLineage adds existing versions, a duplicate edge once, other slots and roles as separate edges", async () => {
      const project = freshProject();
      const { version: read } = await api.log({ project, name: "read" });
      const { version: made } = await api.log({ project, name: "made" });
      const { run } = await start({ project });
      const input = {
        execution: run.id,
        inputs: [{ slot: "x", role: "r", version: read.id }],
        outputs: [{ slot: "y", role: "q", version: made.uri }],
      };
      const first = await record(input);
      expect(first).toMatchObject({
        __typename: "Run",
        inputs: { nodes: [{ name: "x", role: "r", version: { id: read.id } }], totalCount: 1 },
        outputs: { nodes: [{ name: "y", role: "q", version: { id: made.id } }], totalCount: 1 },
      });
      expect(await record(input)).toEqual(first);
      await record({
        execution: run.id,
        inputs: [
          { slot: "z", role: "r", version: read.id },
          { slot: "x", version: `${project}/read` },
        ],
      });
      const { inputs } = await api.run(run.id);
      expect(inputs.nodes.map(({ name, role, version }) => [name, role, version.id])).toEqual([
        ["x", "r", read.id],
        ["z", "r", read.id],
        ["x", null, read.id],
      ]);
      expect(await api.version(read.id)).toMatchObject({ consumers: { totalCount: 3 } });
    });

    it("recordLineage adds to steps, and allows cycles among runs", async () => {
      const project = freshProject();
      const { version: a } = await api.log({ project, name: "a" });
      const { version: b } = await api.log({ project, name: "b" });
      const { run: one } = await start({ project });
      const { step: two } = await step({ run: (await start({ project })).run.id, name: "s" });
      await record({ execution: one.id, inputs: [{ version: a.id }], outputs: [{ version: b.id }] });
      expect(
        await record({ execution: two.id, inputs: [{ version: b.id }], outputs: [{ version: a.id }] }),
      ).toMatchObject({ __typename: "Step" });
      const { lineage } = await api.data<{
        lineage: { nodes: { id: string; depth: number }[]; edges: object[]; truncated: boolean };
      }>(
        "query ($of: [VersionRef!]!) { lineage(of: $of, direction: UPSTREAM) { nodes { id depth } edges { from to } truncated } }",
        { of: [a.id] },
      );
      expect(Object.fromEntries(lineage.nodes.map((node) => [node.id, node.depth]))).toEqual({
        [a.id]: 0,
        [two.id]: -1,
        [b.id]: -1,
        [one.id]: -2,
      });
      expect(lineage.edges).toHaveLength(4);
      expect(lineage.truncated).toBe(false);
    });

    it("recordLineage adds to runs that have ended", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "late" });
      const { run } = await api.publish({ project });
      expect(await record({ execution: run.id, outputs: [{ version: version.id }] })).toMatchObject({
        outputs: { totalCount: 1 },
        status: "COMPLETED",
      });
    });
  });

  it("logVersion with a producer adds an output to a run or step, with slot and role", async () => {
    const project = freshProject();
    const { version: read } = await api.log({ project, name: "read" });
    const { run } = await start({ project, pipeline: "pipe" });
    const { step: made } = await step({ run: run.id, name: "fit" });
    await api.log({
      project,
      name: "{pipeline}-{step}",
      producer: { step: made.id, slot: "model", role: "best" },
      inputs: [read.id],
    });
    await api.log({ project, name: "of-run", producer: { run: run.id } });
    const full = await api.run(run.id);
    expect(full.outputs.nodes).toMatchObject([
      { name: null, role: null, version: { uri: `store://artifact/${project}/of-run:1` } },
    ]);
    expect(full.steps.nodes).toMatchObject([
      {
        inputs: { nodes: [{ version: { id: read.id } }] },
        outputs: {
          nodes: [{ name: "model", role: "best", version: { uri: `store://artifact/${project}/pipe-fit:1` } }],
        },
      },
    ]);
    expect(await api.version(`${project}/pipe-fit@${run.id}`)).toMatchObject({
      producers: { nodes: [{ slot: "model", role: "best", execution: { id: made.id, __typename: "Step" } }] },
    });
  });
});
