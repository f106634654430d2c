import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Outdated, Staleness } from "../../model/staleness.ts";
import { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { type Closure, filterReadable, findCompleteClosure, isVersionNode, toOtherVersions } from "./closure.ts";
import { findVersionSummaries, type VersionSummary } from "./version-summary.ts";

const maxNodes = 100_000;

const newestVersionRow = { artifactKey: v.string(), id: v.string(), number: v.number() };
type NewestVersion = v.InferOutput<v.ObjectSchema<typeof newestVersionRow, undefined>>;

const findNewest = statement({
  name: "find-newest-versions",
  params: {
    artifacts: v.array(v.object({ artifactKey: v.string(), above: v.number(), excluding: v.array(v.string()) })),
  },
  row: newestVersionRow,
});

/** The inputs of one artifact: their ids, and the number of the oldest. */
interface ArtifactInputs {
  ids: Set<string>;
  oldest: number;
}

function groupByArtifact(inputs: VersionSummary[]): Map<string, ArtifactInputs> {
  return new Map(
    [...groupBy(inputs, ({ artifactKey }) => artifactKey)].map(([key, versions]) => [
      key,
      {
        ids: new Set(versions.map(({ id }) => id)),
        oldest: versions.reduce((min, { number }) => Math.min(min, number), Number.MAX_SAFE_INTEGER),
      },
    ]),
  );
}

/**
 * The newest READY version of each artifact, if it is newer than the oldest input and not an input itself. `excludedOf` names versions of an
 * artifact that don't count.
 */
async function findNewerThanInputs(
  ports: Pick<Ports, "graph">,
  inputs: Map<string, ArtifactInputs>,
  excludedOf: (artifactKey: string) => string[],
): Promise<NewestVersion[]> {
  const artifacts = [...inputs].map(([artifactKey, { oldest }]) => ({
    artifactKey,
    above: oldest,
    excluding: excludedOf(artifactKey),
  }));
  if (!artifacts.length) return [];
  const newest = await ports.graph.read(findNewest, { artifacts });
  return newest.filter(({ artifactKey, id }) => !inputs.get(artifactKey)?.ids.has(id));
}

/**
 * By artifact key, the newest version that is neither the root nor downstream of it. The downstream closure is read only for artifacts that have
 * a newer version at all.
 */
async function findNewestNotDownstream(
  ports: Pick<Ports, "graph">,
  root: string,
  inputs: Map<string, ArtifactInputs>,
): Promise<Map<string, NewestVersion>> {
  const candidates = new Set((await findNewerThanInputs(ports, inputs, () => [])).map((row) => row.artifactKey));
  if (!candidates.size) return new Map();
  const { nodes } = await findCompleteClosure(ports, root, "DOWNSTREAM", maxNodes);
  const downstream = groupBy(nodes.filter(isVersionNode), (node) => node.artifactKey ?? "");
  const candidateInputs = new Map([...inputs].filter(([key]) => candidates.has(key)));
  const newest = await findNewerThanInputs(ports, candidateInputs, (key) =>
    (downstream.get(key) ?? []).map(({ id }) => id),
  );
  return new Map(newest.map((version) => [version.artifactKey, version]));
}

interface OutdatedInput {
  input: VersionSummary;
  newest: NewestVersion;
  depth: number;
}

function nearestFirst(a: OutdatedInput, b: OutdatedInput): number {
  return a.depth - b.depth || compareText(a.input.artifactKey, b.input.artifactKey) || a.input.number - b.input.number;
}

async function findOutdatedInputs(
  ports: Pick<Ports, "graph">,
  root: string,
  { depths }: Closure,
  inputs: VersionSummary[],
): Promise<OutdatedInput[]> {
  const newestByArtifact = await findNewestNotDownstream(ports, root, groupByArtifact(inputs));
  const outdated = inputs.flatMap((input): OutdatedInput[] => {
    const newest = newestByArtifact.get(input.artifactKey);
    return newest && newest.number > input.number ? [{ input, newest, depth: depths.get(input.id) ?? 0 }] : [];
  });
  return outdated.sort(nearestFirst);
}

/**
 * Finds the readable direct and transitive inputs of a version that are outdated: the newest READY version of their artifact, not counting the
 * version itself and its descendants, is newer and not an input too. Throws `TOO_COMPLEX` when there are more than 100,000 versions and executions
 * upstream or downstream.
 */
export async function findStaleness(context: RequestContext, reference: string): Promise<Staleness> {
  const { of: root } = await resolveFields(context, { of: reference });
  const closure = await findCompleteClosure(context.ports, root.id, "UPSTREAM", maxNodes);
  const ids = filterReadable(context.actor, toOtherVersions(closure, root.id)).map((node) => node.id);
  const inputs = await context.ports.graph.read(findVersionSummaries, { ids });
  const outdatedInputs = await findOutdatedInputs(context.ports, root.id, closure, inputs);
  const entities = await loadEntities(
    context.ports,
    outdatedInputs.flatMap(({ input, newest }) => [input.id, newest.id]),
  );
  const outdated = outdatedInputs.flatMap((item): Outdated[] => {
    const [input, newest] = [entities.get(item.input.id), entities.get(item.newest.id)];
    return input instanceof Version && newest instanceof Version ? [{ input, newest, depth: item.depth }] : [];
  });
  return { stale: outdated.length > 0, outdated };
}
