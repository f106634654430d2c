import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { reporter } from "../support/executions.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const [zero, before] = ["1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.000Z"];

interface SeenEvent {
  type: string;
  warning: string | null;
  step: { name: string } | null;
}

describeEngines("times of executions", (engine) => {
  const api = useApi(engine);
  const { start, end } = reporter(api);
  const eventsOf = async (project: string): Promise<SeenEvent[]> => {
    const document =
      "query ($project: String!) { events(first: 500, filter: { project: { eq: $project } }) { nodes { type warning step { name } } } }";
    const all = await api.data<{ events: { nodes: SeenEvent[] } }>(document, { project });
    return all.events.nodes.filter(({ type }) => type.startsWith("RUN_"));
  };

  it("time 0 is a time in metadata.json, recipe.json and the RO-Crate", async () => {
    const project = freshProject();
    const step = { name: "s", startedAt: zero, endedAt: zero, outputs: [{ name: "m" }] };
    await api.publish({ project, steps: [step] });
    const read = async (document: string) =>
      (await api.http(`/versions/${encodeURIComponent(`${project}/m`)}/${document}`)).json();
    expect(await read("metadata.json")).toMatchObject({ producers: [{ startedAt: zero, endedAt: zero }] });
    expect(await read("recipe.json")).toMatchObject({ steps: [{ startedAt: zero, endedAt: zero }] });
    const { "@graph": graph } = (await read("ro-crate-metadata.json")) as { "@graph": Record<string, unknown>[] };
    const action = graph.find((entity) => entity["@type"] === "CreateAction");
    expect(action).toMatchObject({ startTime: zero, endTime: zero });
  });

  it("an end before the start is recorded as given, with a warning in the event", async () => {
    const project = freshProject();
    const { run } = await api.publish({ project, name: "r", startedAt: zero, endedAt: before });
    expect(run).toMatchObject({ startedAt: zero, endedAt: before });
    const [started, ended] = await eventsOf(project);
    expect(started).toMatchObject({ type: "RUN_STARTED", warning: null });
    expect(ended?.warning).toBe(
      `run "r" ended at ${before}, before it started at ${zero}; its times may be by different clocks`,
    );
  });

  it("the end of a run that the service started is taken as given by another machine's clock", async () => {
    const project = freshProject();
    const { run } = await start({ project, name: "r" });
    expect(await end({ id: run.id, status: "COMPLETED", endedAt: before })).toMatchObject({ endedAt: before });
    expect((await eventsOf(project)).at(-1)).toMatchObject({ type: "RUN_ENDED", warning: expect.any(String) });
  });

  it("ends of steps before their starts are a warning in the last event of their run", async () => {
    for (const status of ["COMPLETED", "RUNNING"]) {
      const project = freshProject();
      const steps = Array.from({ length: 7 }, (_, i) => ({ name: `s${i}`, startedAt: zero, endedAt: before }));
      await api.publish({ project, status, steps });
      const warnings = (await eventsOf(project)).map(({ warning }) => warning);
      expect(warnings.slice(0, -1).every((warning) => warning === null)).toBe(true);
      expect(warnings.at(-1)).toMatch(/^step "s0" ended .*step "s4" ended .*; and 2 more$/);
    }
  });

  it("a final execution that starts in the future ends when it starts, unless its end is given", async () => {
    const startedAt = "2999-01-01T00:00:00.000Z";
    const { run } = await api.publish({ project: freshProject(), startedAt });
    expect(run).toMatchObject({ startedAt, endedAt: startedAt });
  });
});
