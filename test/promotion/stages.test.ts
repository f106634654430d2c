import { expect, it } from "vitest";
import {
  callsOf,
  deleteArtifact,
  deleteVersion,
  onEngines,
  prune,
  publishRun,
  refOf,
  times,
  tokensByRole,
} from "../support/calls.ts";
import { freshProject, type TestService } from "../support/service.ts";
import { received, stages, staging, stagingOf } from "./calls.ts";

const unknown = "00000000-0000-4000-8000-00000000000a";

/** A project with `count` versions of `m`. */
async function versionsOf(service: TestService, count: number) {
  const calls = callsOf(service);
  const project = freshProject();
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await calls.log({ project, name: "m" })).id);
  return { calls, project, ids, on: stagingOf(service), v: (number: number) => `${project}/m:${number}` };
}

onEngines("stages", (service) => {
  it("a project has the stages staging, production, archived and those that it defines", async () => {
    const { project, on } = await versionsOf(service(), 1);
    const named = async () =>
      (await on.stages(project)).map(({ name, exclusive, displacedTo }) => [name, exclusive, displacedTo]);
    const usual = [
      ["staging", true, "archived"],
      ["production", true, "archived"],
      ["archived", false, null],
    ];
    expect(await named()).toEqual(usual);
    await on.define(project, "shadow");
    await on.define(project, "canary", { exclusive: true, displacedTo: "shadow", requiredRole: "admin" });
    expect(await named()).toEqual([...usual, ["canary", true, "shadow"], ["shadow", false, null]]);
    await on.define(project, "canary", { displacedTo: null });
    expect((await on.stages(project)).find(({ name }) => name === "canary")).toMatchObject({
      exclusive: true,
      displacedTo: "archived",
      requiredRole: "admin",
    });
    await on.define(project, "staging", { exclusive: false });
    expect((await named())[0]).toEqual(["staging", false, null]);
    expect((await on.stages((await versionsOf(service(), 1)).project)).map(({ name }) => name)).toEqual([
      "staging",
      "production",
      "archived",
    ]);
  });

  it("an invalid stage definition is refused, also one whose displacedTo is unknown or forms a cycle", async () => {
    const { project, on } = await versionsOf(service(), 1);
    await on.define(project, "a", { exclusive: true, displacedTo: "staging" });
    const refused = async (input: object) => service().refusal(staging.defineStage, { input: { project, ...input } });
    for (const name of ["", "1", "latest", "a b", "a/b", "a:b", "é", "x".repeat(129)]) {
      expect(await refused({ name }), name).toMatchObject({ code: "INVALID_INPUT", field: "name" });
    }
    const displaced = { code: "INVALID_INPUT", field: "displacedTo" };
    expect(await refused({ name: "b", displacedTo: "none" })).toMatchObject(displaced);
    expect(await refused({ name: "b", exclusive: true, displacedTo: "b" })).toMatchObject(displaced);
    expect(await refused({ name: "staging", displacedTo: "a" })).toMatchObject(displaced);
    expect(await refused({ name: "archived", exclusive: true })).toMatchObject(displaced);
    expect(await refused({ name: "b", requiredRole: "owner" })).toMatchObject({
      code: "INVALID_INPUT",
      field: "requiredRole",
    });
    expect(await refused({ project: freshProject(), name: "b" })).toMatchObject({ code: "NOT_FOUND" });
    expect((await on.stages(project)).map(({ name }) => name)).toEqual(["staging", "production", "archived", "a"]);
    expect(await service().refusal(stages, { project: freshProject() })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a stage cannot become exclusive while it holds several versions of an artifact", async () => {
    const { project, on, v } = await versionsOf(service(), 2);
    await on.define(project, "shadow");
    await on.promote(v(1), "shadow");
    await on.promote(v(2), "shadow");
    const input = { project, name: "shadow", exclusive: true };
    expect(await service().refusal(staging.defineStage, { input })).toMatchObject({
      code: "IN_USE",
      by: [`2 versions of ${project}/m`],
    });
    await on.demote(v(1), "shadow");
    await on.define(project, "shadow", { exclusive: true });
    await on.promote(v(1), "shadow");
    expect(await on.held(project)).toEqual(["archived m:2", "shadow m:1"]);
    await on.define(project, "shadow", { exclusive: false });
    await on.promote(v(2), "shadow");
    expect(await on.held(project)).toEqual(["shadow m:2", "shadow m:1"]);
  });

  it("a version is in one stage at a time, and displaces the holder of an exclusive one", async () => {
    const { calls, project, on, v, ids } = await versionsOf(service(), 3);
    const first = await on.promote(v(1), "staging", { reason: "try it" });
    expect(first.promotion).toMatchObject({ kind: "PROMOTED", stage: "staging", from: null, reason: "try it" });
    expect(first.promotion).toMatchObject({
      actor: "local",
      previous: null,
      version: { id: ids[0], stage: "staging" },
    });
    await on.promote(v(1), "production");
    expect(await on.held(project)).toEqual(["production m:1"]);
    const second = await on.promote(v(2), "production");
    expect(second).toMatchObject({
      promotion: {
        from: null,
        previous: { number: 1, stage: "archived" },
        version: { number: 2, stage: "production" },
      },
      previous: { number: 1, stage: "archived" },
    });
    expect(await on.held(project)).toEqual(["production m:2", "archived m:1"]);
    await calls.log({ project, name: "other" });
    await on.promote(`${project}/other`, "production");
    expect(await on.held(project)).toEqual(["production m:2", "production other:1", "archived m:1"]);
    expect(await on.held(project, { artifact: "other" })).toEqual(["production other:1"]);
    expect(await on.held(project, { artifact: "none" })).toEqual([]);
  });

  it("displaced holders move on through the stages that displacedTo names", async () => {
    const { project, on, v } = await versionsOf(service(), 4);
    await on.define(project, "production", { displacedTo: "previous" }).catch(() => undefined);
    await on.define(project, "previous", { exclusive: true });
    await on.define(project, "production", { displacedTo: "previous" });
    for (const number of [1, 2, 3]) await on.promote(v(number), "production");
    expect(await on.held(project)).toEqual(["production m:3", "archived m:1", "previous m:2"]);
    expect(received((await on.history(v(1))).version.nodes)).toEqual([
      "PROMOTED 3 - > production (2)",
      "PROMOTED 2 - > production (1)",
      "PROMOTED 1 - > production (-)",
    ]);
    // A version that leaves a stage for another makes room there first.
    await on.promote(v(2), "production");
    expect(await on.held(project)).toEqual(["production m:2", "archived m:1", "previous m:3"]);
  });

  it("demote removes a version from the stage it is in", async () => {
    const { project, on, v, ids } = await versionsOf(service(), 2);
    await on.promote(v(1), "production");
    const conflict = await service().refusal(staging.demote, { input: { version: v(1), stage: "staging" } });
    expect(conflict).toMatchObject({ code: "CONFLICT", expected: "staging", actual: "production" });
    expect(await service().refusal(staging.demote, { input: { version: v(2), stage: "staging" } })).toMatchObject({
      code: "CONFLICT",
      actual: null,
    });
    expect((await on.demote(v(1), "production")).promotion).toMatchObject({
      kind: "DEMOTED",
      stage: "production",
      from: "production",
      version: { id: ids[0], stage: null },
    });
    expect(await on.held(project)).toEqual([]);
  });

  it("promoting the present holder again changes nothing and returns the promotion that made it so", async () => {
    const { project, on, v } = await versionsOf(service(), 2);
    const { promotion } = await on.promote(v(1), "production");
    expect((await on.promote(v(1), "production", { reason: "again" })).promotion).toEqual(promotion);
    await on.promote(v(2), "production");
    const archived = await on.promote(v(1), "archived");
    expect(archived.promotion).toMatchObject({ stage: "production", version: { number: 2 }, previous: { number: 1 } });
    expect((await on.history(v(1))).artifact.totalCount).toBe(2);
    expect(await on.held(project)).toEqual(["production m:2", "archived m:1"]);
  });

  it("promote refuses unknown stages, deleted versions and unknown references", async () => {
    const { calls, project, on, v, ids } = await versionsOf(service(), 2);
    const refused = (version: string, stage: string) =>
      service().refusal(staging.promote, { input: { version, stage } });
    expect(await refused(v(1), "nowhere")).toMatchObject({ code: "NOT_FOUND" });
    expect(await refused(v(1), "a b")).toMatchObject({ code: "INVALID_INPUT", field: "stage" });
    expect(await refused(unknown, "staging")).toMatchObject({ code: "NOT_FOUND" });
    expect(await refused("?", "staging")).toMatchObject({ code: "INVALID_INPUT", field: "version" });
    await calls.remove(v(1));
    for (const ref of [v(1), ids[0] ?? ""]) expect(await refused(ref, "staging")).toMatchObject({ code: "GONE" });
    expect(await service().refusal(staging.demote, { input: { version: v(1), stage: "staging" } })).toMatchObject({
      code: "GONE",
    });
    expect(await on.held(project)).toEqual([]);
  });
});

onEngines("the expected holder of a stage", (service) => {
  it("the expected holder is none or a given version", async () => {
    const { calls, on, v, ids } = await versionsOf(service(), 3);
    const refused = (version: string, expectedCurrent: string | null) =>
      service().refusal(staging.promote, { input: { version, stage: "production", expectedCurrent } });
    expect(await refused(v(1), v(2))).toMatchObject({ code: "CONFLICT", expected: ids[1], actual: null });
    await on.promote(v(1), "production", { expectedCurrent: null });
    expect(await refused(v(2), null)).toMatchObject({ code: "CONFLICT", expected: null, actual: ids[0] });
    expect(await refused(v(2), v(3))).toMatchObject({ code: "CONFLICT", expected: ids[2], actual: ids[0] });
    await on.promote(v(2), "production", { expectedCurrent: v(1) });
    await calls.update(v(2), { versionName: "good" });
    await on.promote(v(3), "production", { expectedCurrent: v(0).replace(":0", ":good") });
    expect(await refused(v(3), v(2))).toMatchObject({ code: "CONFLICT", actual: ids[2] });
    await on.promote(v(3), "production", { expectedCurrent: v(3) });
  });

  it("the expected holder can't be given by a movable name, nor for a stage that isn't exclusive", async () => {
    const { calls, project, on, v } = await versionsOf(service(), 2);
    await calls.setAlias(v(1), "champion");
    await on.promote(v(1), "production");
    const field = { code: "INVALID_INPUT", field: "expectedCurrent" };
    for (const selector of ["champion", "production", "staging", "none"]) {
      const input = { version: v(2), stage: "production", expectedCurrent: `${project}/m:${selector}` };
      expect(await service().refusal(staging.promote, { input }), selector).toMatchObject(field);
      const back = { project, name: "m", stage: "production", expectedCurrent: `${project}/m:${selector}` };
      expect(await service().refusal(staging.rollback, { input: back }), selector).toMatchObject(field);
    }
    const unnamed = { version: v(2), stage: "production", expectedCurrent: "" };
    expect(await service().refusal(staging.promote, { input: unnamed })).toMatchObject(field);
    for (const expectedCurrent of [null, v(1)]) {
      const input = { version: v(2), stage: "archived", expectedCurrent };
      expect(await service().refusal(staging.promote, { input })).toMatchObject(field);
    }
    expect(await on.held(project)).toEqual(["production m:1"]);
  });

  it("one of 16 parallel promotions with an expected holder wins, and the others learn who did", async () => {
    const { project, on, v, ids } = await versionsOf(service(), 17);
    await on.promote(v(17), "production");
    let ended = false;
    const polled: string[][] = [];
    const poll = async () => {
      while (!ended) {
        const [{ data: listed }, { data: found }] = await Promise.all([
          service().ask<{ stages: { holders: { version: { id: string } }[] }[] }>(stages, { project }),
          service().ask<{ version: { id: string } | null }>("query ($ref: VersionRef!) { version(ref: $ref) { id } }", {
            ref: `${project}/m:production`,
          }),
        ]);
        polled.push(listed.stages[1]?.holders.map(({ version }) => version.id) ?? []);
        polled.push(found.version ? [found.version.id] : []);
      }
    };
    const polls = [poll(), poll()];
    const race = async (expectedCurrent: string) => {
      const answers = await times(16, (i) =>
        service().ask<{ promote: unknown }>(staging.promote, {
          input: { version: v(i + 1), stage: "production", expectedCurrent },
        }),
      );
      const [winner, ...others] = answers.flatMap((answer, i) => (answer.errors ? [] : [ids[i] ?? ""]));
      expect(others).toEqual([]);
      const lost = answers.flatMap(({ errors }) => (errors ? [errors[0]?.extensions] : []));
      expect(lost).toHaveLength(15);
      for (const refused of lost) expect(refused).toMatchObject({ code: "CONFLICT", actual: winner });
      return winner ?? "";
    };
    const winner = await race(v(17));
    await on.promote(v(17), "production", { expectedCurrent: winner });
    for (let round = 0; round < 3; round++) {
      await race(v(17));
      await on.promote(v(17), "production");
    }
    ended = true;
    await Promise.all(polls);
    expect(polled.length).toBeGreaterThan(8);
    for (const holders of polled) expect(holders).toHaveLength(1);
    expect((await on.history(v(17))).artifact.totalCount).toBe(1 + 8);
  }, 60_000);
});

onEngines("rollback", (service) => {
  it("rollback goes back step by step through the former holders", async () => {
    const { project, on, v } = await versionsOf(service(), 4);
    for (const number of [1, 2, 3]) await on.promote(v(number), "production");
    const back = () => on.rollback(project, "m", "production", { reason: "broken" });
    expect((await back()).promotion).toMatchObject({
      kind: "ROLLED_BACK",
      stage: "production",
      from: "archived",
      reason: "broken",
      version: { number: 2 },
      previous: { number: 3, stage: "archived" },
    });
    expect((await back()).promotion?.version.number).toBe(1);
    expect(
      await service().refusal(staging.rollback, { input: { project, name: "m", stage: "production" } }),
    ).toMatchObject({ code: "NOT_FOUND" });
    await on.promote(v(4), "production");
    expect((await back()).promotion?.version.number).toBe(1);
    expect(await on.held(project)).toEqual(["production m:1", "archived m:4", "archived m:3", "archived m:2"]);
  });

  it("rollback skips deleted versions, refills an empty stage, and skips the present holder", async () => {
    const { calls, project, on, v } = await versionsOf(service(), 4);
    for (const number of [1, 2, 3, 1]) await on.promote(v(number), "production");
    await on.demote(v(3), "archived");
    await calls.remove(v(3));
    await on.demote(v(1), "production");
    const back = async () => (await on.rollback(project, "m", "production")).promotion?.version.number;
    expect(await back()).toBe(1);
    expect(await back()).toBe(2);
    expect(await back()).toBe(1);
    for (const number of [4, 2, 4]) await on.promote(v(number), "production");
    await calls.remove(v(2), { force: true });
    expect(await back()).toBe(1);
  });

  it("rollback checks the expected holder, the stage and the artifact", async () => {
    const { project, on, v, ids } = await versionsOf(service(), 3);
    for (const number of [1, 2]) await on.promote(v(number), "production");
    const refused = (more: object) =>
      service().refusal(staging.rollback, { input: { project, name: "m", stage: "production", ...more } });
    expect(await refused({ expectedCurrent: v(1) })).toMatchObject({ code: "CONFLICT", actual: ids[1] });
    expect(await refused({ expectedCurrent: null })).toMatchObject({ code: "CONFLICT", actual: ids[1] });
    expect(await refused({ stage: "archived" })).toMatchObject({ code: "INVALID_INPUT", field: "stage" });
    expect(await refused({ stage: "nowhere" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refused({ stage: "staging" })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refused({ name: "none" })).toMatchObject({ code: "NOT_FOUND" });
    await on.rollback(project, "m", "production", { expectedCurrent: v(2) });
    expect(await on.held(project)).toEqual(["production m:1", "archived m:2"]);
  });
});

onEngines("references by stage", (service) => {
  const byStage =
    "query ($filter: VersionFilter) { versions(filter: $filter) { totalCount nodes { number artifact { name } } } }";

  it("a reference by stage finds its holder, or the newest version in a stage that is not exclusive", async () => {
    const { calls, project, on, v } = await versionsOf(service(), 4);
    const number = async (selector: string) => (await calls.version(`${project}/m:${selector}`)).number;
    expect(await refOf(service(), `${project}/m:production`)).toBe("NOT_FOUND");
    await on.promote(v(1), "production");
    expect(await number("production")).toBe(1);
    expect((await calls.version(`store://artifact/${project}/m:production`)).number).toBe(1);
    for (const other of [3, 2]) await on.promote(v(other), "archived");
    expect(await number("archived")).toBe(3);
    await on.promote(`${project}/m:archived`, "production");
    expect([await number("production"), await number("archived")]).toEqual([3, 2]);
    await calls.remove(v(2), { force: true });
    expect(await number("archived")).toBe(1);
  });

  it("a reference by stage finds what a run made", async () => {
    const project = freshProject();
    const made = async () => {
      const run = { project, name: "r", outputs: [{ name: "m" }] };
      type Answer = { publishRun: { run: { id: string } } };
      return (await service().data<Answer>(publishRun, { input: run })).publishRun.run.id;
    };
    const calls = callsOf(service());
    const on = stagingOf(service());
    const runs = [await made(), await made()];
    const ref = (run: number) => `${project}/m:production@${runs[run]}`;
    await on.promote(`${project}/m:1`, "production");
    expect((await calls.version(ref(0))).number).toBe(1);
    expect(await refOf(service(), ref(1))).toBe("NOT_FOUND");
    await on.promote(`${project}/m:2`, "production");
    expect((await calls.version(ref(1))).number).toBe(2);
    expect(await refOf(service(), ref(0))).toBe("NOT_FOUND");
  });

  it("versions can be filtered by stage", async () => {
    const { project, on, v } = await versionsOf(service(), 4);
    for (const number of [1, 2]) await on.promote(v(number), "production");
    await on.promote(v(3), "staging");
    const found = async (filter: object) => {
      type Answer = { versions: { totalCount: number; nodes: { number: number }[] } };
      const both = { project: { eq: project }, ...filter };
      const { versions } = await service().data<Answer>(byStage, { filter: both });
      expect(versions.totalCount).toBe(versions.nodes.length);
      return versions.nodes.map(({ number }) => number);
    };
    expect(await found({ stage: { eq: "production" } })).toEqual([2]);
    expect(await found({ stage: { in: ["staging", "archived"] } })).toEqual([3, 1]);
    expect(await found({ stage: { startsWith: "prod" }, artifact: { eq: "m" } })).toEqual([2]);
    expect(await found({ stage: {} })).toEqual([4, 3, 2, 1]);
    expect(await found({ not: { stage: { contains: "" } } })).toEqual([4]);
    expect(await found({ or: [{ stage: { eq: "staging" } }, { number: { eq: 4 } }] })).toEqual([4, 3]);
  });

  it("a version in a stage can only be deleted by force, and its history stays", async () => {
    const { calls, project, on, v, ids } = await versionsOf(service(), 4);
    for (const number of [1, 2]) await on.promote(v(number), "production");
    const refused = (mutation: string, input: object) => service().refusal(mutation, { input });
    expect(await refused(deleteVersion, { ref: v(2) })).toMatchObject({
      code: "IN_USE",
      by: [`stage production of ${ids[1]}`],
    });
    expect(await refused(deleteVersion, { ref: v(1), bytesOnly: true })).toMatchObject({ code: "IN_USE" });
    expect((await refused(deleteArtifact, { project, name: "m" })).by).toEqual([
      `stage archived of ${ids[0]}`,
      `stage production of ${ids[1]}`,
    ]);
    type Pruned = { prune: { versions: { number: number }[] } };
    const pruned = (await service().data<Pruned>(prune, { input: { project, keepLast: 1 } })).prune.versions;
    expect(pruned.map(({ number }) => number)).toEqual([3]);
    const before = await on.stages(project);
    await calls.remove(v(2), { force: true });
    expect(await on.held(project)).toEqual(["archived m:1"]);
    expect(received((await on.history(v(2))).version.nodes)).toEqual([
      "DEMOTED 2 production > production (-)",
      "PROMOTED 2 - > production (1)",
    ]);
    const since = before[1]?.holders[0]?.since;
    expect(await on.held(project, { asOf: since })).toEqual(["production m:2", "archived m:1"]);
    await service().data(deleteArtifact, { input: { project, name: "m", force: true } });
    expect(await on.held(project)).toEqual([]);
    expect((await on.history(v(1))).version.totalCount).toBe(3);
  });

  it("a version is either promoted or deleted, never both", async () => {
    for (let round = 0; round < 8; round++) {
      const { calls, project, on, v } = await versionsOf(service(), 1);
      const [promoted, removed] = await Promise.all([
        service().ask(staging.promote, { input: { version: v(1), stage: "production" } }),
        service().ask(deleteVersion, { input: { ref: v(1) } }),
      ]);
      const codes = [promoted, removed].map((answer) => answer.errors?.[0]?.extensions.code ?? "done");
      expect([
        ["done", "IN_USE"],
        ["GONE", "done"],
      ]).toContainEqual(codes);
      const { state } = await calls.version(v(1));
      expect(await on.held(project)).toEqual(state === "DELETED" ? [] : ["production m:1"]);
    }
  });
});

onEngines(
  "roles of stages",
  (service) => {
    it("promote requires the role maintainer, or the role that the stage requires", async () => {
      const calls = callsOf(service());
      const project = freshProject();
      for (let i = 0; i < 2; i++) await calls.log({ project, name: "m" }, "admin");
      const v = (number: number) => `${project}/m:${number}`;
      const refused = (name: keyof typeof staging, input: object, role: string) =>
        service().refusal(staging[name], { input }, role);
      const promotes = { code: "FORBIDDEN", permission: "version:promote" };
      for (const role of ["viewer", "contributor"]) {
        expect(await refused("promote", { version: v(1), stage: "staging" }, role)).toMatchObject(promotes);
        expect(await refused("demote", { version: v(1), stage: "staging" }, role)).toMatchObject(promotes);
        const back = { project, name: "m", stage: "staging" };
        expect(await refused("rollback", back, role)).toMatchObject(promotes);
        expect(await refused("defineStage", { project, name: "a" }, role)).toMatchObject({
          code: "FORBIDDEN",
          permission: "stage:define",
        });
      }
      const [maintainer, admin] = [stagingOf(service(), "maintainer"), stagingOf(service(), "admin")];
      await maintainer.define(project, "production", { requiredRole: "admin" });
      await maintainer.promote(v(1), "staging");
      expect(await refused("promote", { version: v(1), stage: "production" }, "maintainer")).toMatchObject(promotes);
      await admin.promote(v(1), "production");
      await admin.promote(v(2), "production");
      expect(await refused("promote", { version: v(2), stage: "staging" }, "maintainer")).toMatchObject(promotes);
      expect(await refused("demote", { version: v(2), stage: "production" }, "maintainer")).toMatchObject(promotes);
      const back = { project, name: "m", stage: "production" };
      expect(await refused("rollback", back, "maintainer")).toMatchObject(promotes);
      expect((await admin.rollback(project, "m", "production")).promotion).toMatchObject({ actor: "the admin" });
      expect(await stagingOf(service(), "viewer").held(project)).toEqual(["production m:1", "archived m:2"]);
      expect(await service().refusal(stages, { project }, "nobody")).toMatchObject({ code: "UNAUTHENTICATED" });
    });
  },
  tokensByRole(),
);

onEngines("the history of stages", (service) => {
  it("the history has one entry per action, newest first, also for the displaced version", async () => {
    const { project, on, v } = await versionsOf(service(), 2);
    await on.promote(v(1), "staging");
    await on.promote(v(1), "production");
    await on.promote(v(2), "production");
    await on.rollback(project, "m", "production");
    await on.demote(v(1), "production");
    const all = [
      "DEMOTED 1 production > production (-)",
      "ROLLED_BACK 1 archived > production (2)",
      "PROMOTED 2 - > production (1)",
      "PROMOTED 1 staging > production (-)",
      "PROMOTED 1 - > staging (-)",
    ];
    const { version, artifact } = await on.history(v(1));
    expect(received(version.nodes)).toEqual(all);
    expect(received(artifact.nodes)).toEqual(all);
    expect(received((await on.history(v(2))).version.nodes)).toEqual(all.slice(1, 3));
    const at = artifact.nodes.map((entry) => entry.at);
    expect([...at].sort().reverse()).toEqual(at);
    expect(new Set(at).size).toBe(5);
    for (const whose of ["version", "artifact"] as const) {
      const first = await on.history(v(1), { first: 2 });
      const rest = await on.page(whose, v(1), first[whose].pageInfo.endCursor);
      expect(received([...first[whose].nodes, ...rest])).toEqual(all);
    }
    const [entry] = artifact.nodes;
    const node = "query ($id: ID!) { node(id: $id) { id ... on Promotion { kind stage version { number } } } }";
    expect(await service().data(node, { id: entry?.id })).toEqual({
      node: { id: entry?.id, kind: "DEMOTED", stage: "production", version: { number: 1 } },
    });
  });

  it("the history shows who held a stage at a time", async () => {
    const { project, on, v } = await versionsOf(service(), 2);
    const times: string[] = [];
    const after = async (action: Promise<{ promotion: { at: string } | null }>) =>
      times.push((await action).promotion?.at ?? "");
    await after(on.promote(v(1), "production"));
    await after(on.promote(v(2), "production"));
    await after(on.demote(v(2), "production"));
    await after(on.promote(v(2), "archived"));
    const seen: string[][] = [];
    for (const asOf of times) seen.push(await on.held(project, { asOf }));
    expect(seen).toEqual([
      ["production m:1"],
      ["production m:2", "archived m:1"],
      ["archived m:1"],
      ["archived m:2", "archived m:1"],
    ]);
    expect(await on.held(project, { asOf: "2001-01-01T00:00:00Z" })).toEqual([]);
    expect(await on.held(project, { asOf: times[1], artifact: "m" })).toEqual(seen[1]);
    expect(await on.held(project, { asOf: times[1], artifact: "none" })).toEqual([]);
    const asOf = new Date(Date.now() + 60_000).toISOString();
    expect(await service().refusal(stages, { project, asOf })).toMatchObject({ code: "INVALID_INPUT", field: "asOf" });
  });
});
