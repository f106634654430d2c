import { expect, it } from "vitest";
import { callsOf, deleteArtifact, deleteVersion, log, onEngines, prune, times } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

type Code = string | null;

onEngines("deletion beside writers", (service) => {
  const code = async (query: string, input: object): Promise<Code> =>
    (await service().ask(query, { input })).errors?.[0]?.extensions.code ?? null;
  const relate = "mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";
  const start = "mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }";

  /** Creates versions with distinct names and deletes each while another call begins to read it. */
  const race = async (rounds: number, remove: (project: string, i: number, id: string) => Promise<Code>) => {
    const calls = callsOf(service());
    const project = freshProject();
    const input = { project, name: "reader" };
    const { startRun } = await service().data<{ startRun: { run: { id: string } } }>(start, { input });
    const execution = startRun.run.id;
    await service().data(relate, {
      input: { execution, outputs: [{ version: (await calls.log({ project, name: "made" })).id }] },
    });
    const read = await times(rounds, (i) => calls.log({ project, name: `a${i}`, versionName: "first" }));
    return times(rounds, async (i) => {
      // A version name never resolves to a deleted version: it existed when it was read, or it is not read.
      const version = `${project}/a${i}:first`;
      const reading =
        i % 2
          ? code(log, { project, name: `b${i}`, inputs: [version] })
          : code(relate, { execution, inputs: [{ version }] });
      const [removed, recorded] = await Promise.all([remove(project, i, read[i]?.id ?? ""), reading]);
      const { state } = await calls.version(read[i]?.id ?? "");
      return { removed, recorded, state };
    });
  };
  const either = [
    { removed: null, recorded: expect.stringMatching(/^(GONE|NOT_FOUND)$/), state: "DELETED" },
    { removed: "IN_USE", recorded: null, state: "READY" },
  ];

  it.each([
    ["a version", (_project: string, _i: number, ref: string) => code(deleteVersion, { ref })],
    ["an artifact", (project: string, i: number) => code(deleteArtifact, { project, name: `a${i}` })],
  ])(
    "deleting %s while it is read either fails or makes the reader fail",
    { timeout: 60_000 },
    async (_what, remove) => {
      for (const outcome of await race(40, remove)) expect(either).toContainEqual(outcome);
    },
  );

  it("prune never deletes a version that is being recorded as an input", { timeout: 60_000 }, async () => {
    const outcomes = await race(12, (project, i) => code(prune, { project, artifact: `a${i}`, keepLast: 0 }));
    for (const { recorded, state } of outcomes)
      expect([
        [null, "READY"],
        ["GONE", "DELETED"],
        ["NOT_FOUND", "DELETED"],
      ]).toContainEqual([recorded, state]);
  });

  it("recording inputs costs one more statement, however many inputs there are", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const inputs = (await times(20, (i) => calls.log({ project, name: `a${i}` }))).map(({ id }) => id);
    const statements = async (some: string[]) => {
      service().statements();
      await calls.log({ project, name: "b", inputs: some });
      return service().statements();
    };
    const one = await statements(inputs.slice(0, 1));
    expect(one.filter((name) => name === "lock-versions")).toHaveLength(1);
    expect(await statements(inputs)).toEqual(one);
  });
});
