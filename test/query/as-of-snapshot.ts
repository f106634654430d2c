import type { TestService } from "../support/service.ts";
import { type Made, words } from "./as-of-operations.ts";

const fragments = `
  fragment V on Version { id state stage tags aliases isLatest }
  fragment P on Promotion { id kind stage from at version { ...V } previous { ...V } }
  fragment X on Execution { __typename id tags
    inputs(first: 20) { totalCount nodes { name version { ...V } } } outputs(first: 20) { totalCount nodes { version { ...V } } }
    ... on Run { parent { id tags } children(first: 20) { totalCount nodes { id tags } } steps(first: 20) { totalCount nodes { id tags outputs(first: 5) { totalCount nodes { version { id tags } } } } } }
    ... on Step { run { id tags steps(first: 20) { totalCount nodes { id } } } cachedFrom { id } } }
  fragment Artifact on Artifact { id tags latest { id state } }
  fragment WholeArtifact on Artifact { ...Artifact versions(first: 20) { totalCount nodes { ...V } } newest: versions(first: 1) { nodes { id } pageInfo { hasNextPage } }
    aliases { alias version { ...V } } aliasHistory(first: 20) { totalCount nodes { alias at actor from { id state } to { id state aliases } } }
    promotions(first: 20) { totalCount nodes { ...P } } }
  fragment Named on Version { ...V artifact { ...Artifact } }
  fragment Whole on Version { ...V artifact { ...WholeArtifact } links { rel version { ...V } } promotions(first: 20) { totalCount nodes { ...P } }
    producers(first: 20) { totalCount nodes { slot role execution { ...X } } } consumers(first: 20) { totalCount nodes { slot role execution { ...X } } } }
  fragment Walk on Lineage { nodes { id depth node { __typename ... on Version { state stage tags aliases isLatest } ... on Run { tags children(first: 2) { totalCount } }
    ... on Step { tags run { tags } } ... on Artifact { tags latest { id } } } } edges { from to kind slot role } truncated omitted { depth count } roots { id state tags } }
  fragment Held on Stage { name holders { since artifact { id tags } version { ...V } } }`;

/** A query field with its variable types and the fragment that it selects; each contains the time. */
const kinds = {
  named: { field: "version(ref: $ref, asOf: $asOf) { ...Named }", types: { ref: "VersionRef!" } },
  whole: { field: "version(ref: $ref, asOf: $asOf) { ...Whole }", types: { ref: "VersionRef!" } },
  nested: { field: "version(ref: $ref, asOf: $asOf) { lineage(limit: 4) { ...Walk } }", types: { ref: "VersionRef!" } },
  stages: { field: "stages(project: $project, asOf: $asOf) { ...Held }", types: { project: "String!" } },
  lineage: {
    field:
      "lineage(of: $of, direction: $direction, granularity: $granularity, depth: $depth, limit: $limit, filter: $filter, stopAt: $stopAt, asOf: $asOf) { ...Walk }",
    types: {
      ...{ of: "[VersionRef!]!", direction: "Direction", granularity: "Granularity", depth: "Int", limit: "Int" },
      ...{ filter: "LineageFilter", stopAt: "LineageFilter" },
    },
  },
} satisfies Record<string, { field: string; types: Record<string, string> }>;

/** One question: a query field with variables. */
export interface Question {
  kind: keyof typeof kinds;
  variables: Record<string, unknown>;
}

const directions = ["UPSTREAM", "DOWNSTREAM", "BOTH"];
const granularities = ["EXECUTION", "VERSION", "ARTIFACT"];
const narrowed = [
  {},
  { depth: 1 },
  { limit: 3 },
  { filter: { tag: { eq: "rot" } } },
  { filter: { state: { eq: "READY" } }, limit: 4 },
  { stopAt: { tag: { eq: "blau" } } },
  { stopAt: { state: { eq: "DELETED" } }, limit: 5 },
];

/** Every direction and granularity for the first and the last version, each with one filter. */
function lineages(versions: string[]): Question[] {
  return [versions.slice(0, 1), versions.slice(-2)].flatMap((of, k) =>
    directions.flatMap((direction, i) =>
      granularities.map((granularity, j): Question => {
        const narrow = narrowed[(versions.length + i * 3 + j + k) % narrowed.length];
        return { kind: "lineage", variables: { of, direction, granularity, ...narrow } };
      }),
    ),
  );
}

/** All questions about a history at one moment, without the time. */
export function questions({ projects, versions, runs }: Made): Question[] {
  const names = projects.flatMap((project) => words.names.map((name) => `${project}/${encodeURI(name)}`));
  const called = [...words.aliases, ...words.versionNames, ...words.stages];
  const selectors = ["", ":latest", ":1", ":2", ...called.map((word) => `:${word}`)];
  const selected = names.flatMap((name) => selectors.map((selector) => `${name}${selector}`));
  const inRuns = runs
    .slice(0, 2)
    .flatMap((run) =>
      names.flatMap((name) =>
        ["", ":champion", ":v-eins", ":production", ":archived"].map((selector) => `${name}${selector}@${run}`),
      ),
    );
  const prefixes = versions.slice(0, 3).map((id) => id.slice(0, 13));
  const of = (kind: Question["kind"], refs: string[]) => refs.map((ref): Question => ({ kind, variables: { ref } }));
  return [
    ...of("named", [...selected, ...inRuns, ...prefixes]),
    ...of("whole", versions),
    ...of("nested", versions.slice(-4)),
    ...projects.map((project): Question => ({ kind: "stages", variables: { project } })),
    ...lineages(versions),
  ];
}

/** One document for many questions of a kind, with separate variables for each. */
function documentOf(kind: Question["kind"], count: number): string {
  const { field, types } = kinds[kind];
  const places = [...Array(count).keys()];
  const declared = places.flatMap((i) => Object.entries(types).map(([name, type]) => `$${name}${i}: ${type}`));
  const fields = places.map((i) => `q${i}: ${field.replace(/\$(?!asOf)(\w+)/g, `$$$1${i}`)}`);
  return `query ($asOf: DateTime, ${declared.join(", ")}) { ${fields.join(" ")} } ${usedIn(field)}`;
}

/** The fragments that a text spreads, and those that they spread in turn. */
function usedIn(text: string): string {
  const all = new Map(fragments.split(/(?=fragment )/).map((one) => [one.match(/^fragment (\w+)/)?.[1] ?? "", one]));
  const used = new Set<string>();
  const visit = (from: string): void => {
    for (const [, name = ""] of from.matchAll(/\.\.\.(\w+)/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(all.get(name) ?? "");
    }
  };
  visit(text);
  return [...used].map((name) => all.get(name)).join("");
}

/** Questions per document. */
const together = 12;

async function askTogether(
  service: TestService,
  kind: Question["kind"],
  asked: Question[],
  asOf: string | null,
): Promise<unknown[]> {
  const named = asked.flatMap(({ variables }, i) =>
    Object.entries(variables).map(([name, value]) => [name + i, value]),
  );
  const variables = { ...Object.fromEntries(named), asOf };
  const { data, errors = [] } = await service.ask<Record<string, unknown> | null>(
    documentOf(kind, asked.length),
    variables,
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return asked.map((_, i) => {
    const own = errors.filter(({ path }) => path?.[0] === `q${i}`).map(({ extensions }) => extensions.code);
    return own.length ? own : data[`q${i}`];
  });
}

/** The answers as of a time, or now: data, or the codes of refusals. */
export async function answers(service: TestService, asked: Question[], asOf: number | null): Promise<unknown[]> {
  const time = asOf === null ? null : new Date(asOf).toISOString();
  const parts = Object.keys(kinds).flatMap((kind) => {
    const places = asked.flatMap((question, i) => (question.kind === kind ? [i] : []));
    return places.flatMap((_, i) =>
      i % together ? [] : [{ kind: kind as Question["kind"], places: places.slice(i, i + together) }],
    );
  });
  const found: unknown[] = [];
  await Promise.all(
    parts.map(async ({ kind, places }) => {
      const questions = places.flatMap((place) => asked[place] ?? []);
      const responses = await askTogether(service, kind, questions, time);
      places.forEach((place, i) => {
        found[place] = responses[i];
      });
    }),
  );
  return found;
}
