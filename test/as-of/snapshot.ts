import type { TestService } from "../support/service.ts";
import { type Made, words } from "./operations.ts";

const version = "id state tags aliases isLatest";
const versionIn = (nested: string) => `${version} artifact { id tags latest { id state } ${nested} }`;
const execution = `execution { __typename id tags
  inputs(first: 20) { totalCount nodes { name version { ${version} } } } outputs(first: 20) { totalCount nodes { version { ${version} } } }
  ... on Run { parent { id tags } children(first: 20) { totalCount nodes { id tags } } steps(first: 20) { totalCount nodes { id tags outputs(first: 5) { totalCount nodes { version { id tags } } } } } }
  ... on Step { run { id tags steps(first: 20) { totalCount nodes { id } } } cachedFrom { id } } }`;
const artifact = `versions(first: 20) { totalCount nodes { ${version} } } newest: versions(first: 1) { nodes { id } pageInfo { hasNextPage } }
  aliases { alias version { ${version} } } aliasHistory(first: 20) { totalCount nodes { alias at actor from { id state } to { id state aliases } } }`;

const nodes = `nodes { id depth node { __typename ... on Version { state tags aliases isLatest } ... on Run { tags children(first: 2) { totalCount } }
  ... on Step { tags run { tags } } ... on Artifact { tags latest { id } } } } edges { from to kind slot role } truncated omitted { depth count } roots { id state tags }`;
const lineage = `query ($of: [VersionRef!]!, $direction: Direction, $granularity: Granularity, $depth: Int, $limit: Int, $filter: LineageFilter, $stopAt: LineageFilter, $asOf: DateTime) {
  lineage(of: $of, direction: $direction, granularity: $granularity, depth: $depth, limit: $limit, filter: $filter, stopAt: $stopAt, asOf: $asOf) { ${nodes} } }`;
const nested = `query ($ref: VersionRef!, $asOf: DateTime) { version(ref: $ref, asOf: $asOf) { lineage(limit: 4) { ${nodes} } } }`;

const byRef = `query ($ref: VersionRef!, $asOf: DateTime) { version(ref: $ref, asOf: $asOf) { ${versionIn("")} } }`;
const whole = `query ($ref: VersionRef!, $asOf: DateTime) { version(ref: $ref, asOf: $asOf) { ${versionIn(artifact)}
  links { rel version { ${version} } } producers(first: 20) { totalCount nodes { slot role ${execution} } } consumers(first: 20) { totalCount nodes { slot role ${execution} } } } }`;

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

/** Every direction and granularity of the first and the last version, each narrowed in one way. */
const lineages = (versions: string[]) =>
  [versions.slice(0, 1), versions.slice(-2)].flatMap((of, k) =>
    directions.flatMap((direction, i) =>
      granularities.map((granularity, j) => {
        const variables = {
          of,
          direction,
          granularity,
          ...narrowed[(versions.length + i * 3 + j + k) % narrowed.length],
        };
        return { query: lineage, variables };
      }),
    ),
  );

/** Everything that is asked of a history at one moment: documents with their variables, but for the time. */
export const questions = ({ projects, versions, runs }: Made): { query: string; variables: object }[] => {
  const names = projects.flatMap((project) => words.names.map((name) => `${project}/${encodeURI(name)}`));
  const selectors = ["", ":latest", ":1", ":2", ...[...words.aliases, ...words.versionNames].map((word) => `:${word}`)];
  const selected = names.flatMap((name) => selectors.map((selector) => `${name}${selector}`));
  const inRuns = runs
    .slice(0, 2)
    .flatMap((run) =>
      names.flatMap((name) => ["", ":champion", ":v-eins"].map((selector) => `${name}${selector}@${run}`)),
    );
  const prefixes = versions.slice(0, 3).map((id) => id.slice(0, 13));
  return [
    ...[...selected, ...inRuns, ...prefixes].map((ref) => ({ query: byRef, variables: { ref } })),
    ...versions.map((ref) => ({ query: whole, variables: { ref } })),
    ...versions.slice(-4).map((ref) => ({ query: nested, variables: { ref } })),
    ...lineages(versions),
  ];
};

/** The answers to the questions as of a time, or now: data, or the codes of refusals. */
export const answers = (
  service: TestService,
  asked: ReturnType<typeof questions>,
  asOf: number | null,
): Promise<unknown[]> =>
  Promise.all(
    asked.map(async ({ query, variables }) => {
      const { data, errors } = await service.ask(query, {
        ...variables,
        asOf: asOf === null ? null : new Date(asOf).toISOString(),
      });
      return errors ? errors.map(({ extensions }) => extensions.code) : data;
    }),
  );
