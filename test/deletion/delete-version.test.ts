import { expect, it } from "vitest";
import {
  callsOf,
  deleteArtifact,
  deleteVersion,
  log,
  onEngines,
  prune,
  publishRun,
  refOf,
  removeAlias,
  type Seen,
  setAlias,
  times,
  tokensByRole,
} from "../support/calls.ts";
import { freshProject, type TestService } from "../support/service.ts";

interface Pruned {
  prune: {
    count: number;
    bytes: number;
    versions: { id: string; number: number; state: string; artifact: { name: string } }[];
  };
}
const lineage = `query ($ref: VersionRef!) { lineage(of: [$ref], direction: DOWNSTREAM, granularity: VERSION) {
  nodes { depth node { ... on Version { id state } } } } }`;

/** Logs a chain of versions of different artifacts, each made from the one before. */
async function chainOf(service: TestService, project: string, names: string[]): Promise<Seen[]> {
  const made: Seen[] = [];
  for (const name of names) {
    const before = made.at(-1);
    made.push(await callsOf(service).log({ project, name, ...(before && { inputs: [before.id] }) }));
  }
  return made;
}
function idOf(seen: Seen | undefined): string {
  return seen?.id ?? "";
}

onEngines("deleting a version", (service) => {
  const refused = (ref: string, more: object = {}) => service().refusal(deleteVersion, { input: { ref, ...more } });

  it("a deleted version is found only by its id and number, and its number stays taken", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const digest = await service().put(project, `content of ${project}`);
    const { id } = await calls.log({
      project,
      name: "m",
      versionName: "v1",
      files: [{ path: "f", digest }],
      metadata: { a: 1 },
    });
    const gone = await calls.remove(id);
    expect(gone).toMatchObject({ id, state: "DELETED", isLatest: false, metadata: { a: 1 } });
    expect((await calls.version(id)).state).toBe("DELETED");
    expect((await calls.version(`${project}/m:1`)).id).toBe(id);
    for (const ref of [`${project}/m`, `${project}/m:latest`, `${project}/m:v1`, digest]) {
      expect(await refOf(service(), ref), ref).toBe("NOT_FOUND");
    }
    expect((await fetch(`${service().url}/versions/${id}/files/f`)).status).toBe(410);
    expect((await calls.log({ project, name: "m" })).number).toBe(2);
    expect(await service().refusal(log, { input: { project, name: "m", versionName: "v1" } })).toMatchObject({
      code: "ALREADY_EXISTS",
    });
    expect(await refused(id)).toMatchObject({ code: "GONE" });
  });

  it("a deleted version is never the latest", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const versions: Seen[] = [];
    for (let i = 0; i < 3; i++) versions.push(await calls.log({ project, name: "m", metadata: { i } }));
    const [one, two, three] = versions;
    await calls.remove(idOf(three));
    expect((await calls.artifact(project, "m")).latest?.id).toBe(two?.id);
    expect((await calls.version(`${project}/m`)).id).toBe(two?.id);
    expect((await calls.version(idOf(two))).isLatest).toBe(true);
    const found =
      "query ($project: String!) { versions(filter: { project: { eq: $project }, latest: true }) { nodes { id } } }";
    expect(await service().data(found, { project })).toEqual({ versions: { nodes: [{ id: two?.id }] } });
    await calls.remove(idOf(two));
    await calls.remove(idOf(one));
    expect((await calls.artifact(project, "m")).latest).toBeNull();
    const again = await calls.log({ project, name: "m", metadata: { i: 2 }, ifChanged: true });
    expect(again).toMatchObject({ number: 4, isLatest: true });
  });

  it("a version with an alias or a live descendant is IN_USE, and the error lists both", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const [first, second] = await chainOf(service(), project, ["a", "b"]);
    const id = idOf(first);
    await calls.setAlias(id, "best");
    const held = await refused(id);
    expect(held).toMatchObject({ code: "IN_USE", by: expect.any(Array) });
    expect((held.by as string[]).join("\n")).toContain("best");
    expect((held.by as string[]).join("\n")).toContain(second?.id);
    expect((await refused(id, { bytesOnly: true })).code).toBe("IN_USE");
    expect(await calls.version(id)).toMatchObject({ state: "READY", aliases: ["best"] });
    await service().data("mutation ($input: RemoveAliasInput!) { removeAlias(input: $input) { artifact { id } } }", {
      input: { project, name: "a", alias: "best" },
    });
    expect(((await refused(id)).by as string[]).length).toBe(1);
    await calls.remove(idOf(second));
    await calls.remove(id);
  });

  it("a version read by a step is IN_USE by what the step's run made, but not by itself", async () => {
    const project = freshProject();
    const calls = callsOf(service());
    const { id } = await calls.log({ project, name: "data" });
    const steps = [{ name: "s", inputs: [{ version: id }], outputs: [{ name: "model" }, { version: id }] }];
    await service().data(publishRun, { input: { project, pipeline: "p", steps } });
    const held = await refused(id);
    expect(held.code).toBe("IN_USE");
    expect(held.by).toHaveLength(1);
    await calls.remove(`${project}/model`);
    await calls.remove(id);
  });

  it("a version is IN_USE by live descendants beyond a deleted version", async () => {
    const project = freshProject();
    const [first, second, third] = await chainOf(service(), project, ["a", "b", "c"]);
    await callsOf(service()).remove(idOf(second), { force: true });
    expect((await refused(idOf(first))).by).toEqual([expect.stringContaining(idOf(third))]);
  });

  it("forced deletion keeps the lineage complete and removes the aliases", async () => {
    const project = freshProject();
    const calls = callsOf(service());
    const [first, second, third] = await chainOf(service(), project, ["a", "b", "c"]);
    await calls.setAlias(idOf(second), "best");
    await calls.remove(idOf(second), { force: true });
    const answer = await service().data<{ lineage: { nodes: { depth: number; node: object }[] } }>(lineage, {
      ref: first?.id,
    });
    expect(answer.lineage.nodes).toEqual([
      { depth: 0, node: { id: first?.id, state: "READY" } },
      { depth: 1, node: { id: second?.id, state: "DELETED" } },
      { depth: 2, node: { id: third?.id, state: "READY" } },
    ]);
    expect((await calls.artifact(project, "b")).aliases).toEqual([]);
    expect(await refOf(service(), `${project}/b:best`)).toBe("NOT_FOUND");
    const history = `query ($project: String!) { artifact(project: $project, name: "b") { aliasHistory { nodes { alias from { id } to { id } } } } }`;
    expect(await service().data(history, { project })).toMatchObject({
      artifact: {
        aliasHistory: { nodes: [{ alias: "best", from: { id: second?.id }, to: null }, { to: { id: second?.id } }] },
      },
    });
    expect((await calls.log({ project, name: "b", aliases: ["best"] })).aliases).toEqual(["best"]);
  });

  it("deleting only the bytes keeps the version READY, and its files are GONE", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const digest = await service().put(project, "content");
    const files = [{ path: "f", digest }];
    const { id, updatedAt } = await calls.log({ project, name: "m", files, tags: ["t"] });
    const other = await calls.log({ project, name: "other", files });
    const without = await calls.remove(id, { bytesOnly: true });
    expect(without).toMatchObject({ state: "READY", isLatest: true, tags: ["t"], digest });
    expect(without.updatedAt > updatedAt).toBe(true);
    const gone = await fetch(`${service().url}/versions/${id}/files/f`);
    expect([gone.status, ((await gone.json()) as { code: string }).code]).toEqual([410, "GONE"]);
    expect(await (await fetch(`${service().url}/versions/${other.id}/files/f`)).text()).toBe("content");
    expect((await calls.update(id, { tags: { add: ["u"] } })).tags).toEqual(["t", "u"]);
    const again = await calls.log({ project, name: "m", files, ifChanged: true });
    expect(again.number).toBe(2);
    expect((await calls.remove(id)).state).toBe("DELETED");
  });
});

onEngines("deleting an artifact", (service) => {
  const call = (input: object) => service().data<{ deleteArtifact: { artifact: object } }>(deleteArtifact, { input });

  it("deleteArtifact deletes all versions, also those made from each other, and their numbers stay taken", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const first = await calls.log({ project, name: "m" });
    const second = await calls.log({ project, name: "m", inputs: [first.id] });
    await call({ project, name: "m" });
    expect([(await calls.version(first.id)).state, (await calls.version(second.id)).state]).toEqual([
      "DELETED",
      "DELETED",
    ]);
    expect((await calls.artifact(project, "m")).latest).toBeNull();
    const again = await service().refusal(deleteArtifact, { input: { project, name: "m" } });
    expect(again).toMatchObject({ code: "NOT_FOUND" });
    expect((await calls.log({ project, name: "m" })).number).toBe(3);
    expect(await service().refusal(deleteArtifact, { input: { project, name: "none" } })).toMatchObject({
      code: "NOT_FOUND",
    });
  });

  it("deleteArtifact deletes nothing while an alias or an outside version blocks one of its versions", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const [first, second] = await chainOf(service(), project, ["a", "b"]);
    await calls.log({ project, name: "a" });
    const held = await service().refusal(deleteArtifact, { input: { project, name: "a" } });
    expect(held).toMatchObject({ code: "IN_USE", by: [expect.stringContaining(idOf(second))] });
    expect((await calls.version(idOf(first))).state).toBe("READY");
    await calls.remove(idOf(second));
    await calls.setAlias(idOf(first), "x");
    expect(await service().refusal(deleteArtifact, { input: { project, name: "a" } })).toMatchObject({
      code: "IN_USE",
    });
    await call({ project, name: "a", force: true });
    expect((await calls.artifact(project, "a")).aliases).toEqual([]);
  });
});

onEngines("pruning", (service) => {
  const run = async (input: object) => {
    const { count, bytes, versions } = (await service().data<Pruned>(prune, { input })).prune;
    expect(count).toBe(versions.length);
    return { bytes, names: versions.map(({ artifact, number }) => `${artifact.name}:${number}`).sort(), versions };
  };

  it("prune deletes versions beyond the newest few, none in a dry run, and never one with an alias", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    for (let i = 0; i < 4; i++) await calls.log({ project, name: "a", ...(i === 1 && { aliases: ["keep"] }) });
    await calls.log({ project, name: "b" });
    await calls.log({ project, name: "b" });
    expect((await run({ project, dryRun: true })).names).toEqual(["a:1", "a:3", "b:1"]);
    expect((await run({ project, keepLast: 2, dryRun: true })).names).toEqual(["a:1"]);
    expect((await run({ project, artifact: "b", keepLast: 0, dryRun: true })).names).toEqual(["b:1", "b:2"]);
    expect((await calls.version(`${project}/a:1`)).state).toBe("READY");
    const taken = await run({ project, artifact: "a" });
    expect(taken.names).toEqual(["a:1", "a:3"]);
    expect(new Set(taken.versions.map(({ state }) => state))).toEqual(new Set(["DELETED"]));
    expect((await run({ project, artifact: "a" })).names).toEqual([]);
    expect((await calls.version(`${project}/b:1`)).state).toBe("READY");
    for (const nowhere of [
      { project: freshProject() },
      { project, artifact: "none" },
      { project, artifact: "none", dryRun: true },
    ])
      expect((await service().refusal(prune, { input: nowhere })).code).toBe("NOT_FOUND");
    expect(await service().refusal(prune, { input: { project, keepLast: -1 } })).toMatchObject({
      code: "INVALID_INPUT",
      field: "keepLast",
    });
  });

  it("prune deletes versions older than a given time", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const made: Seen[] = [];
    for (let i = 0; i < 3; i++) made.push(await calls.log({ project, name: "a" }));
    const olderThan = (i: number) => run({ project, olderThan: made[i]?.createdAt, keepLast: 0, dryRun: true });
    expect((await olderThan(0)).names).toEqual([]);
    expect((await olderThan(2)).names).toEqual(["a:1", "a:2"]);
  });

  it("prune deletes chains without live descendants, and never the inputs of a version that stays", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    await chainOf(service(), project, ["a", "b", "c"]);
    await chainOf(service(), project, ["d", "e", "f"]);
    await calls.setAlias(`${project}/f:1`, "kept");
    expect((await run({ project, keepLast: 0, dryRun: true })).names).toEqual(["a:1", "b:1", "c:1"]);
    await calls.log({ project, name: "x", inputs: [`${project}/b:1`], aliases: ["kept"] });
    expect((await run({ project, keepLast: 0 })).names).toEqual(["c:1"]);
    expect((await calls.version(`${project}/a:1`)).state).toBe("READY");
    await service().data(removeAlias, { input: { project, name: "x", alias: "kept" } });
    await calls.log({ project: freshProject(), name: "elsewhere", inputs: [`${project}/x:1`] });
    expect((await run({ project, keepLast: 0 })).names).toEqual(["a:1", "b:1", "x:1"]);
  });

  it("prune counts the bytes that it frees, each content once", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const [shared, twice] = [await service().put(project, "12345"), await service().put(project, "1234567")];
    const file = (digest: string) => ({ files: [{ path: "f", digest }] });
    await calls.log({ project, name: "a", ...file(shared) });
    await calls.log({ project, name: "a", ...file(twice) });
    await calls.log({ project, name: "a", ...file(twice) });
    await calls.log({ project, name: "a", ...file(shared) });
    await calls.log({ project, name: "a", location: "s3://bucket/key", size: 1000 });
    await calls.log({ project, name: "a", ...file(shared) });
    expect(await run({ project, dryRun: true })).toMatchObject({
      names: ["a:1", "a:2", "a:3", "a:4", "a:5"],
      bytes: 7,
    });
  });

  it("prune never deletes a version that one of 8 parallel writers gave an alias", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const versions = await times(8, (i) => calls.log({ project, name: `a${i % 2}` }));
    const [, ...aliased] = await Promise.all([
      service().ask(prune, { input: { project, keepLast: 0 } }),
      ...versions.map(({ id }, i) => service().ask(setAlias, { input: { ref: id, alias: `x${i}` } })),
    ]);
    for (const [i, answer] of aliased.entries()) {
      const code = answer.errors?.[0]?.extensions.code ?? "done";
      const { state, aliases } = await calls.version(versions[i]?.id ?? "");
      expect([code, state, aliases]).toEqual(code === "GONE" ? ["GONE", "DELETED", []] : ["done", "READY", [`x${i}`]]);
    }
  });
});

onEngines(
  "permission to delete",
  (service) => {
    it("deletion requires maintainer, forced deletion admin, and a dry run of prune only viewer", async () => {
      const calls = callsOf(service());
      const project = freshProject();
      const { id } = await calls.log({ project, name: "m", aliases: ["a"] }, "contributor");
      await calls.log({ project, name: "m" }, "contributor");
      const refused = async (text: string, input: object, token: string) =>
        (await service().refusal(text, { input }, token)).code;
      expect(await refused(deleteVersion, { ref: id }, "contributor")).toBe("FORBIDDEN");
      expect(await refused(deleteVersion, { ref: id }, "maintainer")).toBe("IN_USE");
      expect(await refused(deleteVersion, { ref: id, force: true }, "maintainer")).toBe("FORBIDDEN");
      expect(await refused(deleteArtifact, { project, name: "m", force: true }, "maintainer")).toBe("FORBIDDEN");
      expect(await refused(deleteArtifact, { project, name: "m" }, "contributor")).toBe("FORBIDDEN");
      expect(await refused(prune, { project }, "contributor")).toBe("FORBIDDEN");
      expect((await service().data<Pruned>(prune, { input: { project, dryRun: true } }, "viewer")).prune.count).toBe(0);
      expect((await calls.remove(id, { force: true }, "admin")).state).toBe("DELETED");
    });
  },
  tokensByRole(),
);
