import { expect, it } from "vitest";
import { type ActorName, useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Event {
  cursor: string;
  seq: number;
  type: string;
  project: { name: string };
  [field: string]: unknown;
}
interface Page {
  nodes: Event[];
  edges: { cursor: string; node: { seq: number } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

const fields = `cursor seq type at actor alias stage promotion { id } project { id name } artifact { id name } version { id number }
  previous { id number } run { id } step { id name }`;
const page = `query ($after: Cursor, $first: Int, $filter: EventFilter) { events(after: $after, first: $first, filter: $filter) {
  nodes { ${fields} } edges { cursor node { seq } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const subscriptions = {
  events: `subscription ($filter: EventFilter, $after: Cursor) { events(filter: $filter, after: $after) { ${fields} } }`,
  versionPromoted: `subscription ($project: String, $artifact: String, $stage: String, $after: Cursor) {
    versionPromoted(project: $project, artifact: $artifact, stage: $stage, after: $after) { ${fields} } }`,
  runChanged: `subscription ($run: ID, $project: String, $after: Cursor) {
    runChanged(run: $run, project: $project, after: $after) { ${fields} } }`,
  upstreamChanged: `subscription ($of: VersionRef!, $after: Cursor) { upstreamChanged(of: $of, after: $after) { ${fields} } }`,
};

/** The event log as a query, and every subscription except `versionLogged`. */
describeEngines("the event log", (engine) => {
  const api = useApi(engine);
  const { change } = changesOf(api);
  const head = async () => (await api.data<{ head: string }>("{ head }")).head;
  const events = async (variables: object, actor?: ActorName) =>
    (await api.data<{ events: Page }>(page, variables, actor)).events;
  const follow = (name: keyof typeof subscriptions, variables: Record<string, unknown>, actor?: ActorName) => {
    const stream = api.subscribe(subscriptions[name], variables, actor);
    const next = async () => (await stream.next<Record<string, Event>>())[name] as Event;
    const take = async (count: number) => {
      const delivered: Event[] = [];
      while (delivered.length < count) delivered.push(await next());
      return delivered;
    };
    return { next, take, end: stream.end };
  };

  /** Makes one change of every kind in a fresh project; returns its events in order by type. */
  const everything = async () => {
    const project = freshProject();
    await api.data("mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }", {
      input: { name: project },
    });
    const { version: one } = await api.log({ project, name: "a", kind: "MODEL", aliases: ["best"] });
    const { version: two } = await api.log({ project, name: "a" });
    await change("setAlias", { ref: two.id, alias: "best" });
    await change("updateVersion", { ref: two.id, description: "changed" });
    await change("updateArtifact", { project, name: "a", description: "changed" });
    const { run } = await api.publish({ project, status: "RUNNING", steps: [{ name: "s" }] });
    const step = run.steps.nodes[0]?.id ?? "";
    const execute = (name: string, input: object) =>
      api.data(
        `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { execution { id } } }`,
        { input },
      );
    await execute("updateExecution", { id: run.id, metadata: { a: 1 } });
    await execute("recordLineage", { execution: step, inputs: [{ version: one.id }] });
    await execute("endExecution", { id: run.id, status: "FAILED" });
    await change("removeAlias", { project, name: "a", alias: "best" });
    await change("deleteVersion", { ref: two.id });
    return { project, one, two, run, step };
  };
  const types = [
    "PROJECT_UPDATED",
    "VERSION_LOGGED",
    "ALIAS_MOVED",
    "VERSION_LOGGED",
    "ALIAS_MOVED",
    "VERSION_UPDATED",
    "ARTIFACT_UPDATED",
    "RUN_STARTED",
    "RUN_UPDATED",
    "LINEAGE_RECORDED",
    "RUN_ENDED",
    "ALIAS_MOVED",
    "VERSION_DELETED",
  ];

  it("the event log has every change after a head, the same by query and by subscription", async () => {
    const after = await head();
    const { project, one, two, run, step } = await everything();
    const filter = { project: { eq: project } };
    const { nodes, edges, pageInfo } = await events({ after, filter, first: 100 });
    expect(nodes.map(({ type }) => type).sort()).toEqual([...types].sort());
    expect(edges.map(({ cursor, node }) => ({ cursor, seq: node.seq }))).toEqual(
      nodes.map(({ cursor, seq }) => ({ cursor, seq })),
    );
    expect(pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: nodes[0]?.cursor,
      endCursor: nodes.at(-1)?.cursor,
    });
    const stream = follow("events", { filter, after });
    expect(await stream.take(nodes.length)).toEqual(nodes);
    await stream.end();
    const of = (type: string) => nodes.filter((event) => event.type === type);
    expect(of("ALIAS_MOVED")).toMatchObject([
      { alias: "best", version: { id: one.id }, previous: null },
      { alias: "best", version: { id: two.id }, previous: { id: one.id } },
      { alias: "best", version: null, previous: { id: two.id } },
    ]);
    expect(of("LINEAGE_RECORDED")).toMatchObject([{ run: { id: run.id }, step: { id: step, name: "s" } }]);
    expect(of("RUN_ENDED")).toMatchObject([{ run: { id: run.id }, step: null, version: null, artifact: null }]);
    expect(of("VERSION_DELETED")).toMatchObject([{ version: { id: two.id }, artifact: { name: "a" } }]);
  });

  it("pages of the event log continue after each other's end and do not change later", async () => {
    const after = await head();
    const { project } = await everything();
    const filter = { project: { eq: project } };
    const all = (await events({ after, filter })).nodes;
    const seen: Event[] = [];
    let at: string | null = after;
    for (let more = true; more; ) {
      const { nodes, pageInfo } = await events({ after: at, filter, first: 4 });
      seen.push(...nodes);
      at = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(seen).toEqual(all);
    const beyond = await events({ after: at, filter });
    expect(beyond).toMatchObject({ nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: at } });
    expect((await events({ filter })).nodes).toEqual(all);
    expect((await events({ filter, first: 0 })).nodes).toEqual([]);
    for (const first of [-1, 501]) {
      expect(await api.refusal(page, { first })).toMatchObject({ code: "INVALID_INPUT", field: "first" });
    }
  });

  it.each([
    ["project", (project: string) => ({ project: { in: [project, "none"] } }), types.length],
    ["artifact", (project: string) => ({ project: { eq: project }, artifact: { eq: "a" } }), 8],
    ["kind", (project: string) => ({ project: { startsWith: project }, kind: { eq: "MODEL" } }), 8],
    ["kinds", (project: string) => ({ project: { contains: project }, kind: { in: ["MODEL", "TABLE"] } }), 8],
    ["type", (project: string) => ({ project: { eq: project }, type: { eq: "ALIAS_MOVED" } }), 3],
    ["types", (project: string) => ({ project: { eq: project }, type: { in: ["RUN_STARTED", "RUN_ENDED"] } }), 2],
    ["actor", (project: string) => ({ project: { eq: project }, actor: { eq: "admin" } }), types.length],
    ["another actor", (project: string) => ({ project: { eq: project }, actor: { eq: "viewer" } }), 0],
  ])("a filter by %s keeps the same events in the log and in a subscription", async (_name, filterOf, count) => {
    const after = await head();
    const { project } = await everything();
    const filter = filterOf(project);
    const { nodes } = await events({ after, filter, first: 100 });
    expect(nodes).toHaveLength(count);
    const stream = follow("events", { filter: { ...filter, actor: null }, after });
    const delivered = await stream.take(count || 1);
    await stream.end();
    if (count) expect(delivered).toEqual(nodes);
    else expect(delivered[0]?.project.name).toBe(project);
  });

  it("events of runs and their steps are recorded", async () => {
    const after = await head();
    const { project, run } = await everything();
    const expected = ["RUN_STARTED", "RUN_UPDATED", "LINEAGE_RECORDED", "RUN_ENDED"];
    for (const wanted of [{ run: run.id }, { project }, { run: run.id, project }]) {
      const stream = follow("runChanged", { ...wanted, after });
      const delivered = await stream.take(4);
      await stream.end();
      expect(delivered.map(({ type }) => type).sort()).toEqual([...expected].sort());
      expect(delivered.every((event) => (event.run as { id: string }).id === run.id)).toBe(true);
    }
    const stranger = follow("runChanged", { run: "00000000-0000-4000-8000-000000000000" });
    await expect(stranger.next()).rejects.toThrow(/NOT_FOUND/);
    await stranger.end();
  });

  it("events of promotions are recorded", async () => {
    const project = freshProject();
    const after = await head();
    const { version } = await api.log({ project, name: "model" });
    const { version: other } = await api.log({ project, name: "other" });
    const promote = (ref: string, stage: string) =>
      api.data("mutation ($input: PromoteInput!) { promote(input: $input) { promotion { id } } }", {
        input: { version: ref, stage },
      });
    await promote(version.id, "staging");
    await promote(other.id, "production");
    await promote(version.id, "production");
    await api.data("mutation ($input: DemoteInput!) { demote(input: $input) { promotion { id } } }", {
      input: { version: version.id, stage: "production" },
    });
    const stages = async (wanted: Record<string, unknown>, count: number) => {
      const stream = follow("versionPromoted", { ...wanted, after });
      const delivered = await stream.take(count);
      await stream.end();
      expect(delivered.every(({ type, promotion }) => type === "VERSION_PROMOTED" && promotion !== null)).toBe(true);
      return delivered.map((event) => event.stage).sort();
    };
    expect(await stages({ project }, 3)).toEqual(["production", "production", "staging"]);
    expect(await stages({ project, artifact: "model" }, 2)).toEqual(["production", "staging"]);
    expect(await stages({ project, stage: "production" }, 2)).toEqual(["production", "production"]);
    const demoted = await events({ after, filter: { project: { eq: project }, type: { eq: "VERSION_DEMOTED" } } });
    expect(demoted.nodes).toHaveLength(1);
  });

  it("newer versions upstream are reported by the lineage at the time of the report", async () => {
    const project = freshProject();
    const log = async (name: string, inputs: string[] = []) =>
      (await api.log({ project, name, inputs: inputs.map((input) => `${project}/${input}`) })).version.id;
    const after = await head();
    await log("raw");
    await log("clean", ["raw"]);
    const model = await log("model", ["clean"]);
    await log("aside");
    const stream = follow("upstreamChanged", { of: model, after });
    const delivered = async () => (await stream.next()).version as { id: string };
    await log("aside");
    await log("model", ["model"]);
    const raw = await log("raw");
    expect((await delivered()).id).toBe(raw);
    const clean = await log("clean");
    expect((await delivered()).id).toBe(clean);
    await log("aside");
    const producers = "query ($ref: VersionRef!) { version(ref: $ref) { producers { nodes { execution { id } } } } }";
    type Producers = { version: { producers: { nodes: { execution: { id: string } }[] } } };
    const { version } = await api.data<Producers>(producers, { ref: model });
    await api.data("mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }", {
      input: { execution: version.producers.nodes[0]?.execution.id, inputs: [{ version: `${project}/aside:1` }] },
    });
    const aside = await log("aside");
    const seen: string[] = [];
    do seen.push((await delivered()).id);
    while (seen.at(-1) !== aside);
    await stream.end();
    // A version logged just before may be reported late enough to be upstream by then; one of the same artifact never is.
    expect(seen.length).toBeLessThanOrEqual(3);
    const replay = follow("upstreamChanged", { of: model, after });
    const ids: string[] = [];
    do ids.push(((await replay.next()).version as { id: string }).id);
    while (ids.at(-1) !== aside);
    await replay.end();
    // The second and later versions of each, by now also of the side branch; versions that are upstream themselves are not newer.
    expect(ids).toHaveLength(5);
    expect(new Set(ids)).toEqual(new Set([...ids.slice(0, 5), raw, clean]));
  });

  it("the event log refuses those who may not read it, and shows no events of other projects", async () => {
    const { open, secret } = api.projects;
    const after = await head();
    await api.log({ project: secret, name: "hidden" });
    const { version } = await api.log({ project: open, name: "seen" });
    const { nodes } = await events({ after, first: 500 }, "viewer");
    expect(nodes.every((event) => event.project.name === open)).toBe(true);
    expect(nodes.map((event) => (event.version as { id: string } | null)?.id)).toContain(version.id);
    for (const filter of [{ project: { eq: secret } }, { project: { in: [open, secret] } }]) {
      expect(await api.refusal(page, { filter }, "viewer")).toMatchObject({
        code: "FORBIDDEN",
        permission: "log:read",
      });
    }
    const { version: hidden } = await api.log({ project: secret, name: "hidden" });
    const { run } = await api.publish({ project: secret, pipeline: "p" });
    for (const [name, variables] of [
      ["events", { filter: { project: { eq: secret } } }],
      ["runChanged", { project: secret }],
      ["runChanged", { run: run.id }],
      ["upstreamChanged", { of: hidden.id }],
      ["upstreamChanged", { of: `${secret}/hidden` }],
    ] as const) {
      const stream = follow(name, variables, "viewer");
      await expect(stream.next()).rejects.toThrow(/FORBIDDEN/);
      await stream.end();
    }
    for (const after of ["nonsense", "", Buffer.from("seq:01").toString("base64url")]) {
      expect(await api.refusal(page, { after })).toMatchObject({ code: "INVALID_INPUT", field: "after" });
    }
    const far = Buffer.from("seq:999999999999999").toString("base64url");
    expect(await api.refusal(page, { after: far })).toMatchObject({ code: "INVALID_INPUT", field: "after" });
  });
});
