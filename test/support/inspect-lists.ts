import fc from "fast-check";
import { expect } from "vitest";
import { artifactFacts, runFacts, versionFacts } from "../oracle/facts.ts";
import { versionsOf, type World } from "../oracle/state.ts";
import { artifactFilters, orders, runFilters, versionFilters } from "../query/filter-arbitraries.ts";
import { inOrder, keeps, keepsArtifact, keepsRun, speaksOfState, type Term } from "../query/plain-filter.ts";
import type { TestService } from "./service.ts";

const nouns = { versions: "Version", artifacts: "Artifact", runs: "Run" } as const;
type Noun = keyof typeof nouns;
type Fact = { id: string; kind?: string };

/** A list to read in pages, and the ids that it must have. */
interface Listed {
  noun: Noun;
  filter: object;
  orderBy: Term[];
  size: number;
  backward: boolean;
  expected: string[];
  /** Of artifacts, the number of each kind. */
  kinds: { kind: string; count: number }[];
}

const newest: Term[] = [{ field: "CREATED_AT", direction: "DESC" }];

function kindsOf(facts: Fact[]) {
  const kinds = [...new Set(facts.map(({ kind = "" }) => kind))].sort();
  return kinds.map((kind) => ({ kind, count: facts.filter((fact) => fact.kind === kind).length }));
}

/** Random lists of a noun over its existing items. */
function listsOf<T extends Fact>(
  noun: Noun,
  facts: T[],
  projects: string[],
  filters: fc.Arbitrary<object>,
  terms: fc.Arbitrary<Term[]>,
  kept: (filter: object, fact: T) => boolean,
): fc.Arbitrary<Listed> {
  return fc
    .record({ filter: filters, orderBy: terms, parts: fc.integer({ min: 1, max: 3 }), backward: fc.boolean() })
    .map(({ filter, orderBy, parts, backward }) => {
      const found = facts.filter((fact) => kept(filter, fact)).sort(inOrder(orderBy.length ? orderBy : newest));
      const own = { and: [filter], project: { in: projects } };
      const size = Math.max(1, Math.ceil(found.length / parts));
      const kinds = noun === "artifacts" ? kindsOf(found) : [];
      return { noun, filter: own, orderBy, size, backward, expected: found.map(({ id }) => id), kinds };
    });
}

function listsIn(world: World, projects: string[], seed: number): Listed[] {
  const versions = versionsOf(world).map((version) => versionFacts(world, version));
  const artifacts = [...world.artifacts.values()].filter(({ deleted }) => !deleted).map(artifactFacts);
  const runs = world.executions.filter(({ run }) => !run).map(runFacts);
  const keys = [...versions, ...runs].flatMap(({ entries }) => entries.map(({ key }) => key));
  const shown = (filter: object, fact: (typeof versions)[number]) =>
    (speaksOfState(filter) || fact.state === "READY") && keeps(filter, fact);
  const times = ["CREATED_AT", "NAME"];
  const versionOrders = orders([...times, "UPDATED_AT", "NUMBER", "SIZE", "METADATA"], keys);
  const artifactOrders = orders([...times, "UPDATED_AT"], keys);
  const runOrders = orders([...times, "STARTED_AT", "ENDED_AT", "STATUS", "METADATA", "PARAMETER", "METRIC"], keys);
  const sample = (numRuns: number, lists: fc.Arbitrary<Listed>) => fc.sample(lists, { numRuns, seed });
  return [
    ...sample(6, listsOf("versions", versions, projects, versionFilters(versions), versionOrders, shown)),
    ...sample(3, listsOf("artifacts", artifacts, projects, artifactFilters(artifacts), artifactOrders, keepsArtifact)),
    ...sample(3, listsOf("runs", runs, projects, runFilters(runs), runOrders, keepsRun)),
  ];
}

interface Page {
  totalCount: number;
  nodes: { id: string }[];
  groups?: object[];
  pageInfo: { startCursor: string | null; endCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean };
}
type Walking = Listed & { cursor: string | null; found: string[]; done: boolean };

function declared({ noun }: Walking, i: number): string {
  const name = nouns[noun];
  return `$f${i}: ${name}Filter, $o${i}: [${name}Order!], $n${i}: Int, $c${i}: String`;
}
function asked({ noun, backward }: Walking, i: number): string {
  const range = backward ? `last: $n${i}, before: $c${i}` : `first: $n${i}, after: $c${i}`;
  return `l${i}: ${noun}(filter: $f${i}, orderBy: $o${i}, ${range}) { totalCount nodes { id }
    pageInfo { startCursor endCursor hasNextPage hasPreviousPage } ${noun === "artifacts" ? "groups { kind count }" : ""} }`;
}

function take(list: Walking, page: Page): void {
  const { backward, expected, filter, orderBy, noun } = list;
  const about = `${noun} ${JSON.stringify({ filter, orderBy, backward })}`;
  const some = page.nodes.map(({ id }) => id);
  list.found = backward ? [...some, ...list.found] : [...list.found, ...some];
  expect(list.found, about).toEqual(
    backward ? expected.slice(-list.found.length || expected.length) : expected.slice(0, list.found.length),
  );
  expect(page.totalCount, about).toBe(expected.length);
  if (page.groups) expect(page.groups, about).toEqual(list.kinds);
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
  list.done = !(backward ? hasPreviousPage : hasNextPage);
  if (list.done) expect(list.found, about).toEqual(expected);
  list.cursor = backward ? startCursor : endCursor;
}

/** Reads random lists, filtered up to four levels deep, ordered and in pages; one request for the next pages of all. */
export async function inspectLists(
  service: TestService,
  world: World,
  projects: string[],
  seed: number,
): Promise<void> {
  const lists = listsIn(world, projects, seed).map(
    (list): Walking => ({ ...list, cursor: null, found: [], done: false }),
  );
  for (let round = 0; round < 4; round++) {
    const open = lists.filter(({ done }) => !done);
    if (!open.length) return;
    const variables = open.flatMap(({ filter, orderBy, size, cursor }, i) => [
      [`f${i}`, filter],
      [`o${i}`, orderBy],
      [`n${i}`, size],
      [`c${i}`, cursor],
    ]);
    const query = `query (${open.map(declared).join(", ")}) { ${open.map(asked).join("\n")} }`;
    const answer = await service.data<Record<string, Page>>(query, Object.fromEntries(variables));
    for (const [i, list] of open.entries()) take(list, answer[`l${i}`] ?? ({} as Page));
  }
  expect(lists.filter(({ done }) => !done)).toEqual([]);
}
