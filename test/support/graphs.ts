import fc from "fast-check";
import {
  type PlainEdge,
  type PlainGraph,
  type PlainLineage,
  type Question,
  sortEdges,
  sortOmitted,
} from "../oracle/lineage.ts";
import type { SeededIds } from "./ids.ts";
import type { TestService } from "./service.ts";
import { executionTraits, type Projects, runTraits, traitsOf, versionTraits } from "./traits.ts";

/** A graph to record: `v0`, `v1`... are versions, `x0`, `x1`... executions; the first execution of each run is the run itself, the rest its steps. */
export interface GraphPlan {
  /** The artifact of each version, by number. */
  artifacts: number[];
  /** The run of each execution, by number. */
  runs: number[];
  edges: { version: number; execution: number; reads: boolean; slot: string | null; role: string | null }[];
}

const slot = fc.constantFrom(null, null, "in", "出力");
const role = fc.constantFrom(null, null, "model");

/** Any small graph: cycles, self-loops, several producers, one version in two slots, disconnected parts. */
export const smallPlan: fc.Arbitrary<GraphPlan> = fc
  .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 9 }))
  .chain(([versions, executions]) =>
    fc.record({
      artifacts: fc.array(fc.nat(Math.ceil(versions / 2)), { minLength: versions, maxLength: versions }),
      runs: fc.array(fc.nat(3), { minLength: executions, maxLength: executions }),
      edges: fc.array(
        fc.record({
          version: fc.nat(versions - 1),
          execution: fc.nat(executions - 1),
          reads: fc.boolean(),
          slot,
          role,
        }),
        { maxLength: 40 },
      ),
    }),
  );

/** A deeper graph: most edges lead a little forward, a few lead back. */
export const bigPlan: fc.Arbitrary<GraphPlan> = fc.record({
  artifacts: fc.array(fc.nat(50), { minLength: 160, maxLength: 160 }),
  runs: fc.array(fc.nat(20), { minLength: 130, maxLength: 130 }),
  edges: fc.array(
    fc
      .record({ at: fc.nat(129), away: fc.nat(6), reads: fc.boolean(), back: fc.nat(24), slot, role })
      .map(({ at, away, reads, back, slot, role }) => {
        const onwards = reads === (back === 0) ? at + away : at - away;
        return { version: Math.min(159, Math.max(0, onwards)), execution: at, reads, slot, role };
      }),
    { minLength: 340, maxLength: 340 },
  ),
});

/** Queries of a graph with this many versions. */
export function questionOf(versions: number, limits: number[]): fc.Arbitrary<Question> {
  return fc
    .record({
      roots: fc.array(
        fc.nat(versions - 1).map((number) => `v${number}`),
        { minLength: 1, maxLength: 3 },
      ),
      direction: fc.constantFrom("UPSTREAM", "DOWNSTREAM", "BOTH"),
      granularity: fc.constantFrom("EXECUTION", "VERSION", "ARTIFACT"),
      depth: fc.option(fc.oneof(fc.nat(6), fc.constantFrom(0, 1, 2, 10_000)), { nil: undefined }),
      limit: fc.oneof(fc.integer({ min: 1, max: 25 }), fc.constantFrom(...limits)),
    })
    .map(({ depth, ...rest }): Question => (depth === undefined ? rest : { ...rest, depth }));
}

/** The plan as plain data without duplicate edges, and with its projects when filters are queried. */
export function plainGraph({ artifacts, runs, edges }: GraphPlan, projects?: Projects): PlainGraph {
  return {
    ...(projects && { traits: traitsOf({ artifacts, runs }, projects) }),
    artifactOf: new Map(artifacts.map((artifact, i) => [`v${i}`, `a${artifact}`])),
    edges: sortEdges(
      edges.map(({ version, execution, reads, slot, role }): PlainEdge => {
        const ends = reads ? [`v${version}`, `x${execution}`] : [`x${execution}`, `v${version}`];
        return { from: ends[0] ?? "", to: ends[1] ?? "", kind: reads ? "CONSUMED" : "PRODUCED", slot, role };
      }),
    ),
  };
}

/** A recorded graph: the service's ids for the numbers of the plan, and the plan's names for these ids. */
export interface RecordedGraph {
  id: (name: string) => string;
  /** Undefined for what was not recorded. */
  name: (id: string) => string | undefined;
}

const publish = `mutation ($input: PublishRunInput!) { publishRun(input: $input) { run {
  id outputs(first: 500) { nodes { version { id artifact { id } } } }
  steps(first: 500) { nodes { id outputs(first: 20) { nodes { version { id artifact { id } } } } } pageInfo { hasNextPage } } } } }`;
const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id artifact { id } } } }";
const relate = "mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";

type Made = { version: { id: string; artifact: { id: string } } };
type Outputs = { id: string; outputs: { nodes: Made[] } };
type Edge = GraphPlan["edges"][number];

/**
 * Records a graph through the public API. A version is created by the `publishRun` of the run that makes it first, or logged when no execution
 * makes it; edges to existing versions are recorded with the run, all others by `recordLineage`.
 */
export async function recordGraph(
  service: TestService,
  plan: GraphPlan,
  project: string | Projects,
  ids?: SeededIds,
): Promise<RecordedGraph> {
  const projects: Projects = typeof project === "string" ? [project, project] : project;
  const idOf = new Map<string, string>();
  const nameOf = new Map<string, string>();
  let calls = 0;
  const send = <T>(query: string, input: object): Promise<T> => {
    ids?.begin(++calls);
    return service.data<T>(query, { input: { ...input } });
  };
  const know = (name: string, id: string): void => {
    idOf.set(name, id);
    nameOf.set(id, name);
  };
  const knowVersion = (number: number, { version }: Made): void => {
    know(`v${number}`, version.id);
    know(`a${plan.artifacts[number]}`, version.artifact.id);
  };
  const born = (number: number) => {
    const { name, project, kind, tags, metadata } = versionTraits(plan, number, projects);
    return { name, project, kind, tags, metadata };
  };
  const birth = new Map<number, Edge>();
  for (const edge of plan.edges) if (!edge.reads && !birth.has(edge.version)) birth.set(edge.version, edge);
  for (const number of plan.artifacts.keys()) {
    if (birth.has(number)) continue;
    knowVersion(number, (await send<{ logVersion: Made }>(log, born(number))).logVersion);
  }

  const ref = (number: number): string | undefined => idOf.get(`v${number}`);
  const later: Edge[] = [];
  for (const run of new Set(plan.runs)) {
    const members = [...plan.runs.keys()].filter((execution) => plan.runs[execution] === run);
    const [first, ...others] = members;
    const ofExecution = (execution: number) => plan.edges.filter((edge) => edge.execution === execution);
    const birthsOf = (execution: number) => ofExecution(execution).filter((edge) => birth.get(edge.version) === edge);
    const existing = (edge: Edge) => birth.get(edge.version) !== edge && ref(edge.version) !== undefined;
    /** The step of the same call that makes what this edge reads, if that is its only output. */
    const makerOf = (edge: Edge): number | undefined => {
      const maker = birth.get(edge.version)?.execution;
      if (!edge.reads || maker === undefined || maker === first || maker > edge.execution) return undefined;
      if (!others.includes(maker) || birthsOf(maker).length !== 1) return undefined;
      return ofExecution(maker).some((other) => !other.reads && existing(other)) ? undefined : maker;
    };
    const executions = members.map((execution) => {
      const mine = ofExecution(execution);
      const slotted = (edge: Edge) => ({ slot: edge.slot, role: edge.role });
      const inputs = mine.filter((edge) => edge.reads && (ref(edge.version) || makerOf(edge) !== undefined));
      const given = mine.filter((edge) => !edge.reads && existing(edge));
      const births = birthsOf(execution);
      later.push(...mine.filter((edge) => ![...inputs, ...given, ...births].includes(edge)));
      return {
        name: `x${execution}`,
        status: executionTraits(plan, execution, projects).status,
        inputs: inputs.map((edge) => ({
          ...slotted(edge),
          ...(ref(edge.version) ? { version: ref(edge.version) } : { step: `x${makerOf(edge)}` }),
        })),
        outputs: [
          ...births.map((edge) => ({ ...slotted(edge), ...born(edge.version) })),
          ...given.map((edge) => ({ ...slotted(edge), version: ref(edge.version) })),
        ],
      };
    });
    const [itself, ...steps] = executions;
    const { publishRun } = await send<{ publishRun: { run: Outputs & { steps: { nodes: Outputs[] } } } }>(publish, {
      ...runTraits(run, projects),
      ...itself,
      steps,
    });
    const made = [publishRun.run, ...publishRun.run.steps.nodes];
    members.forEach((execution, i) => {
      know(`x${execution}`, made[i]?.id ?? "");
      birthsOf(execution).forEach((edge, k) => {
        const output = made[i]?.outputs.nodes[k];
        if (output) knowVersion(edge.version, output);
      });
    });
  }
  for (const [i, edge] of later.entries()) {
    const slots = [{ slot: edge.slot, role: edge.role, version: ref(edge.version) }];
    const side = edge.reads ? { inputs: slots } : { outputs: slots };
    await send(relate, { execution: idOf.get(`x${edge.execution}`), ...side });
    // Recording an edge twice creates one edge.
    if (i === 0) await send(relate, { execution: idOf.get(`x${edge.execution}`), ...side });
  }
  return { id: (name) => idOf.get(name) ?? name, name: (id) => nameOf.get(id) };
}

const ask = `query ($of: [VersionRef!]!, $direction: Direction!, $depth: Int, $granularity: Granularity!, $limit: Int!,
  $filter: LineageFilter, $stopAt: LineageFilter) {
  lineage(of: $of, direction: $direction, depth: $depth, granularity: $granularity, limit: $limit, filter: $filter, stopAt: $stopAt) {
    roots { id } nodes { id depth node { __typename ... on Node { id } ... on Restricted { id } } } edges { from to kind slot role } truncated omitted { depth count } } }`;
type Answer = Omit<PlainLineage, "nodes"> & {
  roots: { id: string }[];
  nodes: { id: string; depth: number; node: { __typename: string; id: string } }[];
};

/** Queries lineage; nodes and edges by the plan's names. Fails when a node does not match its id. */
export async function askLineage(
  service: TestService,
  question: Question,
  { id, name: known }: RecordedGraph,
  token?: string,
): Promise<PlainLineage & { roots: string[] }> {
  const { roots, hidden: _, ...rest } = question;
  const name = (id: string): string => {
    const found = known(id);
    if (found === undefined) throw new Error(`${id} in the answer is nothing that was recorded`);
    return found;
  };
  const { lineage } = await service.data<{ lineage: Answer }>(ask, { ...rest, of: roots.map(id) }, token);
  const stray = lineage.nodes.find((node) => node.id !== node.node.id);
  if (stray) throw new Error(`a node is another than its id says: ${JSON.stringify(stray)}`);
  return {
    roots: lineage.roots.map((root) => name(root.id)),
    nodes: lineage.nodes.map((node) => ({ id: name(node.id), depth: node.depth })),
    edges: lineage.edges.map((edge) => ({ ...edge, from: name(edge.from), to: name(edge.to) })),
    truncated: lineage.truncated,
    omitted: sortOmitted(lineage.omitted),
  };
}
