import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { endExecution, updateExecution } from "../support/documents.ts";
import { reporter } from "../support/executions.ts";
import { describeEngines, freshProject } from "../support/service.ts";

/** The allowed transitions; only the service sets STALE, so that it is refused as input. */
const moves: Record<string, string[]> = {
  QUEUED: ["RUNNING", "CANCELED", "CACHED", "SKIPPED"],
  RUNNING: ["COMPLETED", "FAILED", "CANCELED"],
  STALE: ["RUNNING", "COMPLETED", "FAILED", "CANCELED"],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
  CACHED: [],
  SKIPPED: [],
};
const statuses = Object.keys(moves);
const final = statuses.filter((status) => moves[status]?.length === 0);
const pairs = statuses.flatMap((from) =>
  statuses.filter((to) => to !== "STALE").map((to) => ({ from, to, legal: moves[from]?.includes(to) ?? false })),
);

describeEngines("statuses", (engine) => {
  const api = useApi(engine);
  const { update, end, step } = reporter(api);
  /** A run, or a step of a running one, in any status. */
  const inStatus = async (status: string, kind: string): Promise<string> => {
    const project = freshProject();
    if (kind === "run") return (await api.publish({ project, status })).run.id;
    const { run } = await api.publish({ project, status: "RUNNING", steps: [{ name: "s", status }] });
    return run.steps.nodes[0]?.id ?? "";
  };
  const statusOf = async (id: string) =>
    (
      await api.data<{ node: { status: string; endedAt: string | null } }>(
        "query ($id: ID!) { node(id: $id) { ... on Execution { status endedAt } } }",
        { id },
      )
    ).node;

  it.each(statuses)("a run can be published as %s, and has an end only if the status is final", async (status) => {
    const { status: found, endedAt } = await statusOf(await inStatus(status, "run"));
    expect([found, endedAt !== null]).toEqual([status, final.includes(status)]);
  });

  describe.each(["run", "step"])("the status of a %s", (kind) => {
    it.each(pairs.filter((pair) => pair.legal))("the status $from can become $to", async ({ from, to }) => {
      const id = await inStatus(from, kind);
      expect(await update({ id, status: to })).toMatchObject({ status: to });
      if (!final.includes(to)) return;
      const other = await inStatus(from, kind);
      expect(await end({ id: other, status: to })).toMatchObject({ status: to, endedAt: expect.any(String) });
    });

    it.each(pairs.filter((pair) => !pair.legal))("the status $from can't become $to", async ({ from, to }) => {
      const id = await inStatus(from, kind);
      const before = await statusOf(id);
      const refused = { code: "ILLEGAL_TRANSITION", from, to };
      expect(
        await api.refusal(updateExecution, { input: { id, status: to, metadata: { no: 1 }, tags: { add: ["no"] } } }),
      ).toMatchObject(refused);
      if (final.includes(to))
        expect(await api.refusal(endExecution, { input: { id, status: to } })).toMatchObject(refused);
      expect(await statusOf(id)).toEqual(before);
    });

    it.each(statuses)("no caller can change the status %s to STALE", async (from) => {
      const id = await inStatus(from, kind);
      expect(await api.refusal(updateExecution, { input: { id, status: "STALE" } })).toMatchObject({
        code: expect.stringMatching(/INVALID_INPUT|ILLEGAL_TRANSITION/),
      });
      expect(await statusOf(id)).toMatchObject({ status: from });
    });
  });

  it("endExecution refuses statuses that are not final", async () => {
    const id = await inStatus("QUEUED", "run");
    for (const status of ["QUEUED", "RUNNING", "STALE"]) {
      expect(await api.refusal(endExecution, { input: { id, status } })).toMatchObject({
        code: "INVALID_INPUT",
        field: "status",
      });
    }
    expect(await statusOf(id)).toMatchObject({ status: "QUEUED" });
  });

  it.each(final)("a %s run accepts no new step", async (status) => {
    const id = await inStatus(status, "run");
    const query = "mutation ($input: StartStepInput!) { startStep(input: $input) { created } }";
    expect(await api.refusal(query, { input: { run: id, name: "s" } })).toMatchObject({
      code: "ILLEGAL_TRANSITION",
      from: status,
      to: expect.any(String),
    });
    expect((await api.run(id)).steps.totalCount).toBe(0);
  });

  it.each(["QUEUED", "RUNNING", "STALE"])("a %s run accepts new steps", async (status) => {
    const id = await inStatus(status, "run");
    expect(await step({ run: id, name: "s" })).toMatchObject({ created: true, step: { status: "RUNNING" } });
  });
});
