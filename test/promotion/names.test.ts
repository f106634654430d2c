import { describe, expect, it } from "vitest";
import { callsOf, log, onEngines, publishRun, setAlias, update } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";
import { staging, stagingOf } from "./calls.ts";

onEngines("names of stages", (service) => {
  const start = async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const version = await calls.log({ project, name: "m" });
    return { calls, project, version, on: stagingOf(service()) };
  };

  describe.each(["staging", "production", "archived", "canary"])("the stage %s", (stage) => {
    it.each([
      ["setAlias", setAlias, (_project: string, ref: string) => ({ ref, alias: stage })],
      ["updateVersion", update, (_project: string, ref: string) => ({ ref, versionName: stage })],
      ["the aliases of logVersion", log, (project: string) => ({ project, name: "m", aliases: ["fine", stage] })],
      ["the version name of logVersion", log, (project: string) => ({ project, name: "m", versionName: stage })],
      [
        "the outputs of publishRun",
        publishRun,
        (project: string) => ({
          project,
          name: "r",
          steps: [{ name: "s", outputs: [{ name: "n", aliases: [stage] }] }],
        }),
      ],
    ])("a stage of the project can't be named by %s", async (_verb, document, input) => {
      const { calls, project, version, on } = await start();
      await on.define(project, "canary");
      await on.promote(version.id, stage);
      await calls.log({ project, name: "m" });
      expect(await service().refusal(document, { input: input(project, `${project}/m:2`) })).toMatchObject({
        code: "ALREADY_EXISTS",
        holder: `stage ${project}/${stage}`,
        message: expect.stringContaining(`"${stage}" is a stage of project ${project}`),
      });
      expect((await calls.version(`${project}/m:${stage}`)).id).toBe(version.id);
      expect(await calls.version(`${project}/m`)).toMatchObject({ number: 2, aliases: [], versionName: null });
    });
  });

  it("a stage of one project is a free name in every other", async () => {
    const { calls, version } = await start();
    const other = await start();
    await other.on.define(other.project, "canary");
    expect(await calls.setAlias(version.id, "canary")).toMatchObject({ aliases: ["canary"] });
    await other.on.define(other.project, "canary", { exclusive: true });
  });

  it("a new stage can't have the name of a version name or alias of the project, unless it was removed", async () => {
    const { calls, project, version, on } = await start();
    await calls.setAlias(version.id, "canary");
    await calls.log({ project, name: "other/model", versionName: "shadow" });
    const refuse = (name: string) => service().refusal(staging.defineStage, { input: { project, name } });
    expect(await refuse("canary")).toMatchObject({ code: "ALREADY_EXISTS", holder: `${project}/m:1` });
    expect(await refuse("shadow")).toMatchObject({ code: "ALREADY_EXISTS", holder: `${project}/other/model:1` });
    expect((await on.stages(project)).map(({ name }) => name)).toEqual(["staging", "production", "archived"]);
    await service().data("mutation ($input: RemoveAliasInput!) { removeAlias(input: $input) { artifact { id } } }", {
      input: { project, name: "m", alias: "canary" },
    });
    await on.define(project, "canary");
    await on.promote(version.id, "canary");
    expect((await calls.version(`${project}/m:canary`)).id).toBe(version.id);
  });

  it("a name that is assigned and defined at once becomes one of the two", async () => {
    for (let round = 0; round < 4; round++) {
      const { calls, project, on } = await start();
      for (let i = 0; i < 3; i++) await calls.log({ project, name: `a${i}` });
      const settled = await Promise.allSettled([
        ...[0, 1, 2].map((i) => calls.setAlias(`${project}/a${i}`, "canary")),
        on.define(project, "canary"),
        calls.log({ project, name: "new", versionName: "canary" }),
      ]);
      const done = settled.map(({ status }) => status === "fulfilled");
      const names = [...done.slice(0, 3), done[4]];
      expect(names.every((named) => named === !done[3])).toBe(true);
    }
  });
});
