import { expect } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { expectedLineage, type PlainGraph, type Question, sortEdges } from "../model/lineage.ts";
import { type PlainEvent, versionsOf, type World } from "../model/state.ts";
import { viewArtifact, viewExecution, viewVersion } from "../model/view.ts";
import { askLineage } from "./graphs.ts";
import type { TestService } from "./service.ts";

type Thing = { id: string };
type Page<T> = {
  totalCount: number;
  nodes: T[];
  pageInfo: { endCursor: string | null; startCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean };
};

const ids = "(first: 500) { totalCount nodes { id } }";
const slots = "(first: 500) { totalCount nodes { name role version { id } } }";
const makers = "(first: 500) { totalCount nodes { slot role execution { id } } }";
const versionFields = `id uri number artifact { id name } versionName kind state description metadata entries { key type value } tags labels { key value }
  aliases isLatest size digest location files { path digest size } attributes
  dataset { columns { name type } rows stats labelColumn features preview }
  model { framework algorithm metrics parameters inputs { name type } outputs { name type } flavors requirements featureStats }
  links { rel version { id } } author createdAt updatedAt iteration producers${makers} consumers${makers}`;
const artifactFields = `id name project { name } kind description tags createdAt updatedAt latest { id } versions${ids} aliases { alias version { id } }`;
const executionFields = `id name status parameters metadata metrics tags startedAt endedAt error environment code { repository commit entryPoint } inputs${slots} outputs${slots}`;
const runFields = `${executionFields} project { name } author createdAt pipeline parent { id } key iteration children${ids} steps${ids}`;
const stepFields = `${executionFields} run { id } cachedFrom { id }`;
const filters = { versions: "VersionFilter", artifacts: "ArtifactFilter", runs: "RunFilter" } as const;
const fields = { versions: versionFields, artifacts: artifactFields, runs: runFields };
type Noun = keyof typeof filters;

const listQuery = (noun: Noun, size: number, range: string): string =>
  `query ($filter: ${filters[noun]}, $size: Int, $cursor: String) { ${noun}(filter: $filter, ${range}) {
    totalCount pageInfo { startCursor endCursor hasNextPage hasPreviousPage } nodes { ${size > 100 ? fields[noun] : "id"} } } }`;

/** The pages of a list, one after the other; backward from the last one. */
async function* pages<T>(service: TestService, noun: Noun, filter: object, size: number, backward: boolean) {
  const query = listQuery(noun, size, backward ? "last: $size, before: $cursor" : "first: $size, after: $cursor");
  let cursor: string | null = null;
  for (let more = true; more; ) {
    const answer: Record<string, Page<T>> = await service.data(query, { filter, size, cursor });
    const page: Page<T> | undefined = answer[noun];
    if (!page) throw new Error(`no ${noun}`);
    yield page;
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    more = (backward ? hasPreviousPage : hasNextPage) && page.nodes.length > 0;
    cursor = backward ? startCursor : endCursor;
  }
}

/** A whole list, put together from its pages. */
const listAll = async <T>(
  service: TestService,
  noun: Noun,
  filter: object,
  size: number,
  backward: boolean,
): Promise<T[]> => {
  const found: T[][] = [];
  for await (const page of pages<T>(service, noun, filter, size, backward)) {
    found.push(page.nodes);
    expect(found.flat().length).toBeLessThanOrEqual(page.totalCount);
    if (!(backward ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage))
      expect(found.flat().length).toBe(page.totalCount);
  }
  return (backward ? found.reverse() : found).flat();
};

const newestFirst = <T extends { id: string; createdAt: number }>(list: T[]): T[] =>
  [...list].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));

const inspectList = async (
  service: TestService,
  noun: Noun,
  filter: object,
  expected: { id: string; createdAt: number }[],
) => {
  const order = newestFirst(expected).map(({ id }) => id);
  for (const [size, backward] of [
    [7, false],
    [5, true],
  ] as const) {
    const listed = await listAll<Thing>(service, noun, filter, size, backward);
    expect(
      listed.map(({ id }) => id),
      `${noun} of ${JSON.stringify(filter)}`,
    ).toEqual(order);
  }
};

const inspectProject = async (service: TestService, world: World, name: string): Promise<void> => {
  const { project } = await service.data<{ project: object | null }>(
    "query ($name: String!) { project(name: $name) { name description createdAt } }",
    { name },
  );
  const known = world.projects.get(name);
  expect(project).toEqual(known ? { name, ...known, createdAt: new Date(known.createdAt).toISOString() } : null);

  const filter = { project: { eq: name } };
  const versions = versionsOf(world).filter(({ artifact }) => artifact.project === name);
  type Slots = { producers: Page<unknown>; consumers: Page<unknown>; inputs: Page<unknown>; outputs: Page<unknown> };
  const shown = await listAll<Thing & Slots>(service, "versions", filter, 500, false);
  const expected = newestFirst(versions).map((version, i) => viewVersion(world, version, shown[i] ?? none));
  expect(shown).toEqual(expected);
  const artifacts = [...world.artifacts.values()].filter(({ project }) => project === name);
  expect(await listAll(service, "artifacts", filter, 500, false)).toEqual(newestFirst(artifacts).map(viewArtifact));
  const runs = world.executions.filter((execution) => !execution.run && execution.project === name);
  const shownRuns = await listAll<Thing & Slots>(service, "runs", filter, 500, false);
  expect(shownRuns).toEqual(newestFirst(runs).map((run, i) => viewExecution(world, run, shownRuns[i] ?? none)));

  await inspectList(service, "versions", filter, versions);
  await inspectList(service, "artifacts", filter, artifacts);
  await inspectList(service, "runs", filter, runs);
  const of = (kind: string) => versions.filter((version) => version.kind === kind);
  await inspectList(service, "versions", { ...filter, kind: { in: ["MODEL", "LINK"] } }, [
    ...of("MODEL"),
    ...of("LINK"),
  ]);
  await inspectList(
    service,
    "versions",
    { ...filter, tag: { eq: "緑" }, number: { gt: 1 } },
    versions.filter(({ spec, number }) => spec.tags?.includes("緑") && number > 1),
  );
  await inspectList(
    service,
    "runs",
    { ...filter, not: { status: { eq: "COMPLETED" } } },
    runs.filter((run) => run.status !== "COMPLETED"),
  );
};
const empty = {
  totalCount: 0,
  nodes: [],
  pageInfo: { endCursor: null, startCursor: null, hasNextPage: false, hasPreviousPage: false },
};
const none = { producers: empty, consumers: empty, inputs: empty, outputs: empty };

const inspectSteps = async (service: TestService, world: World): Promise<void> => {
  const steps = world.executions.filter(({ run }) => run);
  for (const step of steps) {
    const { node } = await service.data<{ node: Parameters<typeof viewExecution>[2] }>(
      `query ($id: ID!) { node(id: $id) { ... on Step { ${stepFields} } } }`,
      { id: step.id },
    );
    expect(node).toEqual(viewExecution(world, step, node));
  }
};

/** The model's links as a lineage graph, things by their ids, artifacts too. */
const graphOf = (world: World): PlainGraph => ({
  artifactOf: new Map(versionsOf(world).map((version) => [version.id, version.artifact.id])),
  edges: world.links.map(({ version, execution, reads, slot, role }) => ({
    from: reads ? version.id : execution.id,
    to: reads ? execution.id : version.id,
    kind: reads ? "CONSUMED" : "PRODUCED",
    slot,
    role,
  })),
});

const inspectLineage = async (service: TestService, world: World): Promise<void> => {
  const graph = graphOf(world);
  const versions = versionsOf(world);
  const all = new Set([
    ...graph.artifactOf.keys(),
    ...graph.artifactOf.values(),
    ...world.executions.map(({ id }) => id),
  ]);
  const known = { id: (name: string) => name, name: (id: string) => (all.has(id) ? id : undefined) };
  const roots = [0.2, 0.5, 0.9].flatMap((part) => versions[Math.floor(versions.length * part)]?.id ?? []);
  const usual = { granularity: "EXECUTION", direction: "BOTH", limit: 1_000 } as const;
  const questions: Question[] = roots.flatMap((root): Question[] => [
    { ...usual, roots: [root] },
    { ...usual, roots: [root], direction: "UPSTREAM", granularity: "VERSION" },
    { ...usual, roots: [root], direction: "DOWNSTREAM", granularity: "ARTIFACT", depth: 2 },
    { ...usual, roots: [root], direction: "DOWNSTREAM", limit: 4 },
  ]);
  for (const question of questions) {
    const answer = await askLineage(service, question, known);
    const expected = expectedLineage(graph, question, answer);
    const sorted = ({ nodes, edges, truncated, omitted }: typeof expected) => ({
      nodes: [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)),
      edges: sortEdges(edges),
      truncated,
      omitted,
    });
    expect(sorted(answer), JSON.stringify(question)).toEqual(sorted(expected));
  }
};

type EventRow = {
  seq: number;
  type: string;
  project: string;
  version?: string;
  previous?: string;
  run?: string;
  step?: string;
  alias?: string;
};
const plainRow = ({ type, project, version, previous, run, step, alias }: EventRow) => ({
  type,
  project,
  version,
  previous,
  run,
  step,
  alias,
});

const eventRow = ({ type, project, version, previous, execution, alias }: PlainEvent) => {
  const run = execution?.run ?? execution;
  return {
    type,
    project,
    version: version?.id,
    previous: previous?.id,
    run: run?.id,
    step: execution?.run ? execution.id : undefined,
    alias,
  };
};

/** Where the event log ends now. */
export const logEnd = async (store: GraphStore): Promise<number> => {
  const end = { name: "log-end", text: "MATCH (log:Log {id: 'events'}) RETURN log.seq AS seq" };
  return (await store.read<Record<never, never>, { seq: number }>(end, {}))[0]?.seq ?? 0;
};

const inspectEvents = async (store: GraphStore, world: World, after: number): Promise<void> => {
  const projects = [...world.projects.keys()];
  const pending = {
    name: "events-pending",
    text: "MATCH (e:Pending) WHERE e.project IN $projects RETURN count(e) AS count",
  };
  const waiting = async () =>
    (await store.read<{ projects: string[] }, { count: number }>(pending, { projects }))[0]?.count;
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
  const mine = {
    name: "events-of-projects",
    text: "MATCH (e:Event) WHERE e.seq > $after AND e.project IN $projects RETURN e {.*} AS event ORDER BY e.seq",
  };
  const found = await store.read<{ after: number; projects: string[] }, { event: EventRow }>(mine, { after, projects });
  const rows = found.map(({ event }) => event);
  const text = (row: object) => JSON.stringify(row, (_key, value) => value ?? undefined);
  expect(rows.map((row) => text(plainRow(row))).sort()).toEqual(
    world.events.map((event) => text(eventRow(event))).sort(),
  );
  const logged = rows.filter((row) => row.type === "VERSION_LOGGED").map((row) => row.version);
  for (const artifact of world.artifacts.values()) {
    const inOrder = artifact.versions.map(({ id }) => id);
    expect(logged.filter((id) => inOrder.includes(id ?? ""))).toEqual(inOrder);
  }
  const [first, last] = [rows[0]?.seq ?? 1, rows.at(-1)?.seq ?? 0];
  const between = {
    name: "events-between",
    text: "MATCH (e:Event) WHERE e.seq >= $first AND e.seq <= $last RETURN count(e) AS events, count(DISTINCT e.seq) AS numbers",
  };
  const [counted] = await store.read<{ first: number; last: number }, { events: number; numbers: number }>(between, {
    first,
    last,
  });
  expect(counted).toEqual({ events: last - first + 1, numbers: last - first + 1 });
};

/** Asks a service for all that a history left behind, and compares it with what the model says. `after` is where the log ended before. */
export const inspectAll = async (
  service: TestService,
  store: GraphStore,
  world: World,
  projects: string[],
  after: number,
): Promise<void> => {
  for (const project of projects) await inspectProject(service, world, project);
  await inspectSteps(service, world);
  await inspectLineage(service, world);
  await inspectEvents(store, world, after);
};
