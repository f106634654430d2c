import { beforeAll, describe, expect, it } from "vitest";
import { type ActorName, useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { createProject } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Page {
  nodes: object[];
  edges: { cursor: string; node: object }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
  totalCount: number;
}

const seven = Array.from({ length: 7 }, (_, i) => i + 1);
const args = "first: $first, after: $after, last: $last, before: $before";
const parameters = "$first: Int, $after: String, $last: Int, $before: String";
function page(item: string) {
  return `{ nodes { ${item} } edges { cursor node { ${item} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }`;
}

/** Lists by name: the document, and where its response has the page. */
const listed = {
  versions: {
    text: `query ($project: String, ${parameters}) { versions(filter: { project: { eq: $project } }, ${args}) ${page("id uri")} }`,
  },
  artifacts: {
    text: `query ($project: String, ${parameters}) { artifacts(filter: { project: { eq: $project } }, ${args}) ${page("id name")} }`,
  },
  runs: {
    text: `query ($project: String, ${parameters}) { runs(filter: { project: { eq: $project } }, ${args}) ${page("id name")} }`,
  },
  projects: { text: `query (${parameters}) { projects(${args}) ${page("id name")} }`, actor: "lister" as ActorName },
};
function nested(type: string, field: string, item: string) {
  return {
    text: `query ($id: ID!, ${parameters}) { node(id: $id) { ... on ${type} { ${field}(${args}) ${page(item)} } } }`,
  };
}
const slots = "name role version { id }";
const executions = "slot role execution { id name }";

describeEngines("pages", (engine) => {
  const api = useApi(engine);
  const project = freshProject();
  const parents: Record<string, string> = {};
  const { change } = changesOf(api);

  beforeAll(async () => {
    for (const name of [...api.projects.listed].reverse()) await api.data(createProject, { input: { name } });
    const outputs = seven.map((i) => ({ slot: `out${i}`, role: "r", name: `made${i}` }));
    const own = { inputs: seven.map((i) => ({ slot: `in${i}`, role: "r", version: `${project}/read:${i}` })), outputs };
    for (const _ of seven) parents.version = (await api.log({ project, name: "read" })).version.id;
    parents.artifact = (
      await api.data<{ artifact: { id: string } }>(
        `query ($project: String!) { artifact(project: $project, name: "read") { id } }`,
        { project },
      )
    ).artifact.id;
    // Each move of the alias has the previous holder; the first has none.
    for (const i of seven) await change("setAlias", { ref: `${project}/read:${i}`, alias: "paged" });
    const steps = [
      { name: "s1", ...own, outputs: outputs.map((output) => ({ ...output, name: `step-${output.name}` })) },
      ...seven.slice(1).map((i) => ({ name: `s${i}` })),
    ];
    const { run } = await api.publish({ project, ...own, steps });
    Object.assign(parents, { run: run.id, step: run.steps.nodes[0]?.id });
    for (const i of seven) {
      const slot = [{ slot: `x${i}`, role: "r", version: parents.version }];
      await api.publish({ project: freshProject(), name: `child${i}`, parent: run.id, inputs: slot, outputs: slot });
    }
    for (const i of seven)
      await api.publish({ project: api.projects.open, name: `paged${i}`, outputs: [{ name: `paged/${i}` }] });
  }, 60_000);

  const relations: [string, { text: string; actor?: ActorName }, string | null, number?][] = [
    ["Artifact.versions", nested("Artifact", "versions", "id number"), "artifact"],
    ["Artifact.aliasHistory", nested("Artifact", "aliasHistory", "alias at from { id } to { id }"), "artifact"],
    ["Version.producers", nested("Version", "producers", executions), "version"],
    // The run and its first step read it too.
    ["Version.consumers", nested("Version", "consumers", executions), "version", 9],
    ["Run.inputs", nested("Run", "inputs", slots), "run"],
    ["Run.outputs", nested("Run", "outputs", slots), "run"],
    ["Run.steps", nested("Run", "steps", "id name"), "run"],
    ["Run.children", nested("Run", "children", "id name"), "run"],
    ["Step.inputs", nested("Step", "inputs", slots), "step"],
    ["Step.outputs", nested("Step", "outputs", slots), "step"],
    ["Execution.inputs of a run", nested("Execution", "inputs", slots), "run"],
    ["Execution.outputs of a step", nested("Execution", "outputs", slots), "step"],
    ["projects", listed.projects, null],
    ["versions", listed.versions, null, 21],
    ["artifacts", listed.artifacts, null, 15],
    ["runs", listed.runs, null, 1],
  ];

  const read = async ({ text, actor }: { text: string; actor?: ActorName }, variables: object): Promise<Page> => {
    const data = await api.data<Record<string, unknown>>(text, variables, actor);
    const [top] = Object.values(data) as [Page | Record<string, Page>];
    return "nodes" in top ? (top as Page) : (Object.values(top)[0] as Page);
  };

  describe.each(relations)("pages of %s", (_name, list, parent, count = 7) => {
    const variables = () => (parent ? { id: parents[parent] } : { project });

    it("pages of 3 go forward without skipping or repeating items", async () => {
      const whole = await read(list, { ...variables(), first: 500 });
      expect(whole.nodes).toHaveLength(count);
      const seen: object[] = [];
      for (let after: string | null = null; seen.length < count; ) {
        const next = await read(list, { ...variables(), first: 3, after });
        expect(next.nodes).toHaveLength(Math.min(3, count - seen.length));
        expect(next.edges.map((edge) => edge.node)).toEqual(next.nodes);
        expect(next.pageInfo).toEqual({
          hasPreviousPage: seen.length > 0,
          hasNextPage: seen.length + next.nodes.length < count,
          startCursor: next.edges[0]?.cursor,
          endCursor: next.edges.at(-1)?.cursor,
        });
        expect(next.totalCount).toBe(count);
        seen.push(...next.nodes);
        after = next.pageInfo.endCursor;
      }
      expect(seen).toEqual(whole.nodes);
    });

    it("pages of 3 go backward without skipping or repeating items", async () => {
      const whole = await read(list, { ...variables(), first: 500 });
      const seen: object[] = [];
      for (let before: string | null = null; seen.length < count; ) {
        const next = await read(list, { ...variables(), last: 3, before });
        expect(next.nodes).toHaveLength(Math.min(3, count - seen.length));
        expect(next.pageInfo).toMatchObject({
          hasNextPage: seen.length > 0,
          hasPreviousPage: seen.length + next.nodes.length < count,
        });
        seen.unshift(...next.nodes);
        before = next.pageInfo.startCursor;
      }
      expect(seen).toEqual(whole.nodes);
    });

    it("a page over 500, below 0, in both directions, or from an unrelated cursor is refused", async () => {
      const refusal = (extra: object) => api.refusal(list.text, { ...variables(), ...extra }, list.actor);
      const cursor = (await read(list, { ...variables(), first: 1 })).pageInfo.endCursor;
      for (const [extra, field] of [
        [{ first: 501 }, "first"],
        [{ first: -1 }, "first"],
        [{ last: 501 }, "last"],
        [{ last: -1 }, "last"],
        [{ first: 3, last: 3 }, "first"],
        [{ first: 3, after: "nonsense" }, "after"],
        [{ first: 3, after: cursor?.slice(4) }, "after"],
        [{ last: 3, before: "bm9uc2Vuc2U" }, "before"],
      ] as const) {
        expect([extra, await refusal(extra)]).toMatchObject([extra, { code: "INVALID_INPUT", field }]);
      }
      expect((await read(list, { ...variables(), first: 0 })).nodes).toEqual([]);
    });
  });

  it("the cursor of another query, another type or another parent is refused", async () => {
    const cursorOf = async (list: { text: string }, variables: object) =>
      (await read(list, { ...variables, first: 1 })).pageInfo.endCursor;
    const refused = { code: "INVALID_INPUT", field: "after" };
    const after = await cursorOf(listed.versions, { project });
    expect(await api.refusal(listed.versions.text, { project: freshProject(), after })).toMatchObject(refused);
    expect(await api.refusal(listed.artifacts.text, { project, after })).toMatchObject(refused);
    const inputs = nested("Execution", "inputs", slots);
    const ofRun = await cursorOf(inputs, { id: parents.run });
    expect(await api.refusal(inputs.text, { id: parents.step, after: ofRun })).toMatchObject(refused);
    expect(
      await api.refusal(nested("Execution", "outputs", slots).text, { id: parents.run, after: ofRun }),
    ).toMatchObject(refused);
  });

  it("a cursor that was tampered with is refused", async () => {
    const inputs = nested("Execution", "inputs", slots);
    for (const [list, variables] of [
      [listed.versions, { project }],
      [inputs, { id: parents.run }],
    ] as const) {
      const { endCursor } = (await read(list, { ...variables, first: 1 })).pageInfo;
      const [scope, ...keys] = JSON.parse(Buffer.from(endCursor ?? "", "base64url").toString()) as unknown[];
      for (const forged of [[], [null], [null, null], [{}, {}], [[], []], [...keys, 1], [true, "x"], "x", {}]) {
        const after = Buffer.from(JSON.stringify(Array.isArray(forged) ? [scope, ...forged] : forged)).toString(
          "base64url",
        );
        expect([forged, await api.refusal(list.text, { ...variables, after })]).toMatchObject([
          forged,
          { code: "INVALID_INPUT", field: "after" },
        ]);
      }
    }
  });

  it("a page has 50 items by default", async () => {
    const own = freshProject();
    await api.publish({ project: own, outputs: Array.from({ length: 60 }, () => ({ name: "a" })) });
    const { nodes, pageInfo, totalCount } = await read(listed.versions, { project: own });
    expect([nodes.length, pageInfo.hasNextPage, totalCount]).toEqual([50, true, 60]);
    expect((await read(listed.versions, { project: own, first: 500 })).nodes).toHaveLength(60);
  });

  it("pages continue where they were while items are added", async () => {
    const own = freshProject();
    for (const _ of seven) await api.log({ project: own, name: "a" });
    const before = await read(listed.versions, { project: own });
    const first = await read(listed.versions, { project: own, first: 3 });
    await api.log({ project: own, name: "a" });
    const second = await read(listed.versions, { project: own, first: 10, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes]).toEqual(before.nodes);
  });

  it("pages of runs go both ways through 7", async () => {
    const text = listed.runs.text.replace(
      "{ project: { eq: $project } }",
      `{ project: { eq: $project }, name: { startsWith: "paged" } }`,
    );
    const variables = { project: api.projects.open };
    const names = async (extra: object) => {
      const { nodes, pageInfo } = await read({ text }, { ...variables, ...extra });
      return { names: nodes.map((node) => (node as { name: string }).name), pageInfo };
    };
    const all = seven.map((i) => `paged${i}`).reverse();
    expect((await names({})).names).toEqual(all);
    const first = await names({ first: 3 });
    const second = await names({ first: 3, after: first.pageInfo.endCursor });
    const last = await names({ last: 3 });
    expect([...first.names, ...second.names]).toEqual(all.slice(0, 6));
    expect(last.names).toEqual(all.slice(4));
    expect((await names({ last: 2, before: last.pageInfo.startCursor })).names).toEqual(all.slice(2, 4));
  });
});
