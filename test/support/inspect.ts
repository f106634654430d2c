import { expect } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { expectedLineage, type PlainGraph, type Question, sortEdges } from "../oracle/lineage.ts";
import { latestOf, type PlainExecution, versionsOf, type World } from "../oracle/state.ts";
import { newestMove, viewArtifact, viewExecution, viewVersion } from "../oracle/view.ts";
import { askLineage } from "./graphs.ts";
import { inspectEvents } from "./inspect-events.ts";
import { inspectLists } from "./inspect-lists.ts";
import { inspectReferences } from "./inspect-references.ts";
import type { TestService } from "./service.ts";

type Page = { totalCount: number; nodes: unknown[] };

const ids = "(first: 100) { totalCount nodes { id } }";
const slots = "(first: 100) { totalCount nodes { name role version { id } } }";
const makers = "(first: 100) { totalCount nodes { slot role execution { id } } }";
const executionFields = `id name status parameters metadata metrics tags startedAt endedAt error environment
  code { repository commit entryPoint } inputs${slots} outputs${slots}`;
const fragments = `
fragment v on Version { id uri number artifact { id name } versionName kind state description metadata entries { key type value } tags
  labels { key value } aliases isLatest size digest location files { path digest size } attributes
  dataset { columns { name type } rows stats labelColumn features preview }
  model { framework algorithm metrics parameters inputs { name type } outputs { name type } flavors requirements featureStats }
  links { rel version { id } } author createdAt updatedAt iteration producers${makers} consumers${makers} }
fragment a on Artifact { id name project { name } kind description tags createdAt updatedAt latest { id } versions${ids}
  aliases { alias version { id } } aliasHistory(first: 100) { totalCount nodes { alias actor at from { id } to { id } } } }
fragment r on Run { ${executionFields} project { name } author createdAt pipeline parent { id } key iteration children${ids} steps${ids} }
fragment s on Step { ${executionFields} run { id } cachedFrom { id } }`;

function newestFirst<T extends { id: string; createdAt: number }>(list: T[]): T[] {
  return [...list].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
}

type Slots = { producers: Page; consumers: Page; inputs: Page; outputs: Page };
const empty = { totalCount: 0, nodes: [] };
const none: Slots = { producers: empty, consumers: empty, inputs: empty, outputs: empty };
type History = { aliasHistory: { totalCount: number; nodes: Parameters<typeof newestMove>[0][] } };

interface Shown {
  project: object | null;
  versions: { nodes: Slots[] };
  artifacts: { nodes: History[] };
  runs: { nodes: Slots[] };
}

/** Moves must be newest first; those of the same time are sorted. */
function sortedMoves(artifact: History): History {
  const times = artifact.aliasHistory.nodes.map(({ at }) => String(at));
  expect(times, "the times of a history").toEqual([...times].sort().reverse());
  return {
    ...artifact,
    aliasHistory: { ...artifact.aliasHistory, nodes: [...artifact.aliasHistory.nodes].sort(newestMove) },
  };
}

function inspectProject(world: World, name: string, shown: Shown): void {
  const known = world.projects.get(name);
  const { createdAt, description, ...settings } = known ?? { createdAt: 0, description: null };
  const project = { name, description, settings, createdAt: new Date(createdAt).toISOString() };
  expect(shown.project).toEqual(known ? project : null);
  const versions = newestFirst(versionsOf(world).filter(({ artifact }) => artifact.project === name));
  expect(shown.versions.nodes).toEqual(
    versions.map((item, i) => viewVersion(world, item, shown.versions.nodes[i] ?? none)),
  );
  const artifacts = [...world.artifacts.values()].filter((item) => item.project === name && !item.deleted);
  expect(shown.artifacts.nodes.map(sortedMoves)).toEqual(newestFirst(artifacts).map(viewArtifact));
  const runs = newestFirst(world.executions.filter((item) => !item.run && item.project === name));
  expect(shown.runs.nodes).toEqual(runs.map((run, i) => viewExecution(world, run, shown.runs.nodes[i] ?? none)));
}

/** Reads in one request every item that a history created, with all its fields. */
async function inspectThings(service: TestService, world: World, projects: string[]): Promise<void> {
  const steps: PlainExecution[] = world.executions.filter(({ run }) => run);
  const parts = projects.map(
    (name, i) => `
    p${i}: project(name: "${name}") { name description settings { storagePrefix staleAfterSeconds } createdAt }
    v${i}: versions(filter: { project: { eq: "${name}" }, state: { in: [READY, DELETED] } }, first: 100) { nodes { ...v } }
    a${i}: artifacts(filter: { project: { eq: "${name}" } }, first: 100) { nodes { ...a } }
    r${i}: runs(filter: { project: { eq: "${name}" } }, first: 100) { nodes { ...r } }`,
  );
  const nodes = steps.map(({ id }, i) => `s${i}: node(id: "${id}") { ...s }`);
  const used = nodes.length ? fragments : fragments.replace(/\nfragment s .*/s, "");
  const shown = await service.data<Record<string, unknown>>(`{ ${parts.join("\n")}\n${nodes.join("\n")} } ${used}`);
  projects.forEach((name, i) => {
    const of = (letter: string) => shown[`${letter}${i}`];
    inspectProject(world, name, { project: of("p"), versions: of("v"), artifacts: of("a"), runs: of("r") } as Shown);
  });
  steps.forEach((step, i) => {
    const answer = shown[`s${i}`] as Slots;
    expect(answer).toEqual(viewExecution(world, step, answer));
  });
}

/** The model's links as a lineage graph, nodes by their ids, with artifacts. */
function graphOf(world: World): PlainGraph {
  return {
    artifactOf: new Map(versionsOf(world).map((version) => [version.id, version.artifact.id])),
    edges: world.links.map(({ version, execution, reads, slot, role }) => ({
      from: reads ? version.id : execution.id,
      to: reads ? execution.id : version.id,
      kind: reads ? "CONSUMED" : "PRODUCED",
      slot,
      role,
    })),
  };
}

async function inspectLineage(service: TestService, world: World): Promise<void> {
  const graph = graphOf(world);
  const versions = versionsOf(world);
  const all = new Set([
    ...graph.artifactOf.keys(),
    ...graph.artifactOf.values(),
    ...world.executions.map(({ id }) => id),
  ]);
  const known = { id: (name: string) => name, name: (id: string) => (all.has(id) ? id : undefined) };
  const root = (part: number) => versions[Math.floor(versions.length * part)]?.id ?? "";
  const defaults = { granularity: "EXECUTION", direction: "BOTH", limit: 1_000 } as const;
  const questions: Question[] = [
    { ...defaults, roots: [root(0.5)] },
    { ...defaults, roots: [root(0.9), root(0.8)], direction: "UPSTREAM", granularity: "VERSION" },
    { ...defaults, roots: [root(0.2)], direction: "DOWNSTREAM", granularity: "ARTIFACT", depth: 2 },
    { ...defaults, roots: [root(0.3)], direction: "DOWNSTREAM", limit: 4 },
  ];
  for (const question of versions.length ? questions : []) {
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
}

/** Reads everything that a history left behind and compares it with the model. `after` is where the log ended before. */
export async function inspectAll(
  service: TestService,
  store: GraphStore,
  world: World,
  projects: string[],
  { after, seed }: { after: number; seed: number },
): Promise<void> {
  for (const artifact of world.artifacts.values())
    if (artifact.deleted) expect(latestOf(artifact), "a version in a deleted artifact").toBeUndefined();
  await inspectThings(service, world, projects);
  await inspectLists(service, world, projects, seed);
  await inspectReferences(service, world, seed);
  await inspectLineage(service, world);
  await inspectEvents(store, world, after);
}
