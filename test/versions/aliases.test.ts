import { describe, expect, inject, it } from "vitest";
import type { GraphQLResponse } from "../../src/client/client.ts";
import { callsOf, log, onEngines, removeAlias, setAlias, times, tokensByRole } from "../support/calls.ts";
import { overNeo4j, startProcess } from "../support/process.ts";
import { freshProject, type TestService } from "../support/service.ts";

interface Change {
  alias: string;
  from: { number: number } | null;
  to: { number: number } | null;
  actor: string;
  at: string;
}
interface History {
  artifact: {
    aliasHistory: { nodes: Change[]; totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string } };
  };
}

const history = `query ($project: String!, $name: String!, $alias: String, $first: Int, $after: String) {
  artifact(project: $project, name: $name) { aliasHistory(alias: $alias, first: $first, after: $after) {
    nodes { alias from { number } to { number } actor at } totalCount pageInfo { hasNextPage endCursor } } } }`;
function moves(changes: Change[]) {
  return changes.map(({ alias, from, to }) => [alias, from?.number ?? null, to?.number ?? null]);
}

async function twoVersions(service: TestService) {
  const calls = callsOf(service);
  const project = freshProject();
  const first = await calls.log({ project, name: "m" });
  const second = await calls.log({ project, name: "m" });
  return { calls, project, first, second };
}

onEngines("aliases", (service) => {
  it("an alias has one holder, and moves to another version at once", async () => {
    const { calls, project, first, second } = await twoVersions(service());
    expect((await calls.setAlias(first.id, "champion")).aliases).toEqual(["champion"]);
    expect((await calls.setAlias(`${project}/m:2`, "champion")).aliases).toEqual(["champion"]);
    expect((await calls.version(first.id)).aliases).toEqual([]);
    expect((await calls.version(`${project}/m:champion`)).id).toBe(second.id);
    expect((await calls.artifact(project, "m")).aliases).toEqual([
      { alias: "champion", version: { id: second.id, number: 2 } },
    ]);
  });

  it("the history of aliases is newest first, by alias and in pages", async () => {
    const { calls, project, first, second } = await twoVersions(service());
    await calls.setAlias(first.id, "a");
    await calls.setAlias(first.id, "b");
    await calls.setAlias(second.id, "a");
    await calls.setAlias(second.id, "a");
    await service().data(removeAlias, { input: { project, name: "m", alias: "a" } });
    await calls.log({ project, name: "m", aliases: ["b"] });
    const read = (more: object) => service().data<History>(history, { project, name: "m", ...more });
    const all = (await read({})).artifact.aliasHistory;
    expect(moves(all.nodes)).toEqual([
      ["b", 1, 3],
      ["a", 2, null],
      ["a", 1, 2],
      ["b", null, 1],
      ["a", null, 1],
    ]);
    expect(all.totalCount).toBe(5);
    expect(new Set(all.nodes.map(({ actor }) => actor))).toEqual(new Set(["local"]));
    const at = all.nodes.map((change) => change.at);
    expect([...at].sort().reverse()).toEqual(at);
    const ofA = (await read({ alias: "a" })).artifact.aliasHistory;
    expect(moves(ofA.nodes)).toEqual([
      ["a", 2, null],
      ["a", 1, 2],
      ["a", null, 1],
    ]);
    expect(ofA.totalCount).toBe(3);
    const pages: Change[] = [];
    for (let after: string | null = null; ; ) {
      const page: History["artifact"]["aliasHistory"] = (await read({ first: 2, after })).artifact.aliasHistory;
      pages.push(...page.nodes);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(pages).toEqual(all.nodes);
    const cursor = (await read({ first: 1 })).artifact.aliasHistory.pageInfo.endCursor;
    const other = await service().refusal(history, { project, name: "m", alias: "a", first: 1, after: cursor });
    expect(other).toMatchObject({ code: "INVALID_INPUT", field: "after" });
  });

  it("removeAlias changes nothing else, and an unknown alias is NOT_FOUND and a version name IMMUTABLE", async () => {
    const { calls, project, first } = await twoVersions(service());
    await calls.setAlias(first.id, "a");
    await calls.setAlias(first.id, "b");
    await calls.update(first.id, { versionName: "v1" });
    const remove = { project, name: "m", alias: "a" };
    expect(await service().data(removeAlias, { input: remove })).toEqual({
      removeAlias: { artifact: { aliases: [{ alias: "b", version: { id: first.id } }] } },
    });
    expect(await service().refusal(removeAlias, { input: remove })).toMatchObject({ code: "NOT_FOUND" });
    expect(await service().refusal(removeAlias, { input: { ...remove, name: "none" } })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await service().refusal(removeAlias, { input: { ...remove, alias: "v1" } })).toMatchObject({
      code: "IMMUTABLE",
    });
    expect(await calls.version(first.id)).toMatchObject({ aliases: ["b"], versionName: "v1" });
  });

  it("an alias only moves from its expected holder", async () => {
    const { calls, project, first, second } = await twoVersions(service());
    const move = (ref: string, expectedCurrent: string | null) => ({ input: { ref, alias: "a", expectedCurrent } });
    expect(await service().refusal(setAlias, move(first.id, second.id))).toMatchObject({
      code: "CONFLICT",
      expected: second.id,
      actual: null,
    });
    await service().data(setAlias, move(first.id, null));
    expect(await service().refusal(setAlias, move(second.id, null))).toMatchObject({
      code: "CONFLICT",
      expected: null,
      actual: first.id,
    });
    expect(await service().refusal(setAlias, move(second.id, `${project}/m:2`))).toMatchObject({
      code: "CONFLICT",
      expected: second.id,
      actual: first.id,
    });
    await service().data(setAlias, move(second.id, `${project}/m:1`));
    await service().data(setAlias, move(first.id, `${project}/m:latest`));
    await calls.update(first.id, { versionName: "v1" });
    await service().data(setAlias, move(second.id, `${project}/m:v1`));
    const remove = (expectedCurrent: string | null) => ({ input: { project, name: "m", alias: "a", expectedCurrent } });
    expect(await service().refusal(removeAlias, remove(first.id))).toMatchObject({
      code: "CONFLICT",
      actual: second.id,
    });
    expect(await service().refusal(removeAlias, remove(null))).toMatchObject({ code: "CONFLICT", actual: second.id });
    await service().data(removeAlias, remove(second.id));
    expect((await calls.artifact(project, "m")).aliases).toEqual([]);
  });

  it("the expected holder of an alias can't be given by an alias", async () => {
    const { calls, project, first, second } = await twoVersions(service());
    await calls.setAlias(first.id, "a");
    for (const expectedCurrent of [`${project}/m:a`, `store://artifact/${project}/m:a`]) {
      const moved = { ref: second.id, alias: "a", expectedCurrent };
      expect(await service().refusal(setAlias, { input: moved })).toMatchObject({
        code: "INVALID_INPUT",
        field: "expectedCurrent",
      });
      const gone = { project, name: "m", alias: "a", expectedCurrent };
      expect(await service().refusal(removeAlias, { input: gone })).toMatchObject({
        code: "INVALID_INPUT",
        field: "expectedCurrent",
      });
    }
    expect((await calls.version(first.id)).aliases).toEqual(["a"]);
  });

  it("an alias and a version name of one artifact never coincide, whichever came first", async () => {
    const { calls, project, first, second } = await twoVersions(service());
    const [one, two] = [`${project}/m:1`, `${project}/m:2`];
    await calls.update(first.id, { versionName: "v1" });
    const taken = { code: "ALREADY_EXISTS", holder: one };
    expect(await service().refusal(setAlias, { input: { ref: two, alias: "v1" } })).toMatchObject(taken);
    expect(await service().refusal(setAlias, { input: { ref: one, alias: "v1" } })).toMatchObject(taken);
    expect(await service().refusal(log, { input: { project, name: "m", aliases: ["v1"] } })).toMatchObject(taken);
    expect(await service().refusal(log, { input: { project, name: "m", versionName: "v1" } })).toMatchObject(taken);
    await calls.setAlias(second.id, "best");
    const held = { code: "ALREADY_EXISTS", holder: two };
    expect(await service().refusal(log, { input: { project, name: "m", versionName: "best" } })).toMatchObject(held);
    const rename = "mutation ($input: UpdateVersionInput!) { updateVersion(input: $input) { version { id } } }";
    expect(await service().refusal(rename, { input: { ref: second.id, versionName: "best" } })).toMatchObject(held);
    const twice = { project, name: "m", aliases: ["x"], versionName: "x" };
    expect(await service().refusal(log, { input: twice })).toMatchObject({ code: "INVALID_INPUT" });
    expect((await calls.artifact(project, "m")).latest).toEqual({ id: second.id, number: 2 });
    expect((await calls.log({ project, name: "other", versionName: "v1" })).versionName).toBe("v1");
  });

  it("an invalid alias and a deleted version are refused", async () => {
    const { calls, project, first } = await twoVersions(service());
    for (const alias of ["", "1", "latest", "a b", "a/b", "a:b", "é", "x".repeat(129)]) {
      const refused = await service().refusal(setAlias, { input: { ref: first.id, alias } });
      expect(refused, alias).toMatchObject({ code: "INVALID_INPUT", field: "alias" });
    }
    await calls.remove(first.id);
    expect(await service().refusal(setAlias, { input: { ref: first.id, alias: "a" } })).toMatchObject({ code: "GONE" });
    expect(await service().refusal(setAlias, { input: { ref: `${project}/m:9`, alias: "a" } })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect((await calls.artifact(project, "m")).aliases).toEqual([]);
  });

  it("an alias never points to a version that is deleted at the same time", async () => {
    for (let round = 0; round < 8; round++) {
      const { calls, project, first } = await twoVersions(service());
      const [aliased, removed] = await Promise.all([
        service().ask(setAlias, { input: { ref: first.id, alias: "a" } }),
        service().ask("mutation ($ref: VersionRef!) { deleteVersion(input: { ref: $ref }) { version { id } } }", {
          ref: first.id,
        }),
      ]);
      const codes = [aliased, removed].map((answer) => answer.errors?.[0]?.extensions.code ?? "done");
      expect([
        ["done", "IN_USE"],
        ["GONE", "done"],
      ]).toContainEqual(codes);
      const { state, aliases } = await calls.version(first.id);
      expect(state === "DELETED" ? aliases : ["none"]).toEqual(state === "DELETED" ? [] : ["none"]);
      const { aliases: held } = await calls.artifact(project, "m");
      expect(held).toHaveLength(state === "DELETED" ? 0 : 1);
    }
  });

  it("an alias that 8 parallel writers set first has one holder", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const versions = await times(8, () => calls.log({ project, name: "m" }));
    await Promise.all(versions.map(({ id }) => calls.setAlias(id, "a")));
    const { aliases } = await calls.artifact(project, "m");
    expect(aliases).toHaveLength(1);
    const after = await Promise.all(versions.map(({ id }) => calls.version(id)));
    expect(after.filter((version) => version.aliases.length).map(({ id }) => id)).toEqual([aliases[0]?.version.id]);
    const nodes = (await service().data<History>(history, { project, name: "m" })).artifact.aliasHistory.nodes;
    expect(nodes).toHaveLength(8);
    expect(nodes[0]?.to?.number).toBe(aliases[0]?.version.number);
    for (const [i, change] of nodes.entries()) expect(change.from).toEqual(nodes[i + 1]?.to ?? null);
  });
});

onEngines(
  "the history of aliases",
  (service) => {
    it("the history of aliases names who moved them", async () => {
      const calls = callsOf(service());
      const project = freshProject();
      const { id } = await calls.log({ project, name: "m", aliases: ["a"] }, "contributor");
      const move = { input: { ref: id, alias: "b" } };
      await service().data(setAlias, move, "maintainer");
      expect(await service().refusal(setAlias, move, "viewer")).toMatchObject({ code: "FORBIDDEN" });
      const read = await service().data<History>(history, { project, name: "m" }, "viewer");
      expect(read.artifact.aliasHistory.nodes.map(({ actor }) => actor)).toEqual(["the maintainer", "the contributor"]);
    });
  },
  tokensByRole(),
);

describe.skipIf(!inject("neo4j"))("8 writers from two processes over one Neo4j", () => {
  const codes = (answers: GraphQLResponse<unknown>[]) =>
    answers.map((answer) => answer.errors?.[0]?.extensions.code ?? "done");

  it("8 writers of two processes create an alias, tag, version name and artifact: one wins where only one may, and no error is internal", async () => {
    const services = await Promise.all([startProcess(overNeo4j()), startProcess(overNeo4j())]);
    const each = <T>(work: (service: Pick<TestService, "ask" | "data">) => Promise<T>) =>
      Promise.all(Array.from({ length: 4 }, () => services.map(work)).flat());
    const rename = "mutation ($input: UpdateVersionInput!) { updateVersion(input: $input) { version { id } } }";
    for (let round = 0; round < 3; round++) {
      const project = freshProject();
      const logged = await each((service) => service.ask(log, { input: { project, name: "m" } }));
      expect(new Set(codes(logged))).toEqual(new Set(["done"]));
      const input = (more: object) => ({ input: { ref: `${project}/m:1`, ...more } });
      const aliased = await each((service) => service.ask(setAlias, input({ alias: "a", expectedCurrent: null })));
      expect(codes(aliased).sort()).toEqual([...Array.from({ length: 7 }, () => "CONFLICT"), "done"]);
      const tagged = await each((service) => service.ask(rename, input({ tags: { add: ["t"] } })));
      expect(new Set(codes(tagged))).toEqual(new Set(["done"]));
      let next = 1;
      const named = await each((service) =>
        service.ask(rename, { input: { ref: `${project}/m:${next++}`, versionName: "v" } }),
      );
      expect(codes(named).sort()).toEqual([...Array.from({ length: 7 }, () => "ALREADY_EXISTS"), "done"]);
      const calls = callsOf(services[0]);
      expect(await calls.version(`${project}/m:1`)).toMatchObject({ tags: ["t"], aliases: ["a"] });
      const found = "query ($project: String!) { artifacts(filter: { project: { eq: $project } }) { totalCount } }";
      expect(await services[1].data(found, { project })).toEqual({ artifacts: { totalCount: 1 } });
    }
  });
});
