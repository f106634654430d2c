import { groupBy } from "../../lib/group-by.ts";
import type { Outdated, Staleness } from "../../model/staleness.ts";
import { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { type Closure, findWholeClosure, isVersionNode, otherVersions, readableNodes } from "./closure.ts";

const mostThings = 100_000;

type Newest = { key: string; id: string; number: number };
const newestExcluding = statement<{ artifacts: { key: string; above: number; except: string[] }[] }, Newest>(
  "newest-excluding",
);

/** What has to be known of a version; `key` is its artifact's. */
export interface KnownVersion {
  id: string;
  key: string;
  number: number;
  ready: boolean;
  project: string;
}

/** What is known of the versions among things. */
export const findKnownVersions = statement<{ ids: string[] }, KnownVersion>("find-known-versions");

type Artifacts = Map<string, { inputs: KnownVersion[]; ids: Set<string>; above: number }>;

function byArtifact(inputs: KnownVersion[]): Artifacts {
  return new Map(
    [...groupBy(inputs, ({ key }) => key)].map(([key, items]) => [
      key,
      { inputs: items, ids: new Set(items.map(({ id }) => id)), above: Math.min(...items.map(({ number }) => number)) },
    ]),
  );
}

/** The newest versions that are there, beyond the oldest input and but for those left out, of artifacts whose newest isn't an input itself. */
async function newerThanInputs(
  ports: Pick<Ports, "graph">,
  artifacts: Artifacts,
  except: (key: string) => string[],
): Promise<Newest[]> {
  const rows = [...artifacts].map(([key, { above }]) => ({ key, above, except: except(key) }));
  if (!rows.length) return [];
  const found = await ports.graph.read(newestExcluding, { artifacts: rows });
  return found.filter(({ key, id }) => !artifacts.get(key)?.ids.has(id));
}

/** Of each artifact the newest version that is neither the one asked about nor made from it. Descendants are only read where they matter. */
async function newestOf(ports: Pick<Ports, "graph">, root: string, all: Artifacts): Promise<Map<string, Newest>> {
  const newest = await newerThanInputs(ports, all, () => []);
  if (!newest.length) return new Map();
  const { nodes } = await findWholeClosure(ports, root, "DOWNSTREAM", mostThings);
  const made = groupBy(nodes.filter(isVersionNode), (node) => node.artifactKey ?? "");
  const artifacts: Artifacts = new Map([...all].filter(([key]) => newest.some((item) => item.key === key)));
  const eligible = await newerThanInputs(ports, artifacts, (key) => (made.get(key) ?? []).map(({ id }) => id));
  return new Map(eligible.map((item) => [item.key, item]));
}

type Pair = { input: KnownVersion; newest: Newest; depth: number };

function nearestFirst(a: Pair, b: Pair): number {
  const artifact = a.input.key < b.input.key ? -1 : Number(a.input.key > b.input.key);
  return a.depth - b.depth || artifact || a.input.number - b.input.number;
}

async function outdatedPairs(
  ports: Pick<Ports, "graph">,
  root: string,
  reach: Closure,
  inputs: KnownVersion[],
): Promise<Pair[]> {
  const newest = await newestOf(ports, root, byArtifact(inputs));
  const pairs = inputs.flatMap((input): Pair[] => {
    const newer = newest.get(input.key);
    const depth = reach.depths.get(input.id) ?? 0;
    return newer && newer.number > input.number ? [{ input, newest: newer, depth }] : [];
  });
  return pairs.sort(nearestFirst);
}

/**
 * The direct and transitive inputs of a version, as far as the actor may read them, whose artifact has a newer version that is there, and neither
 * is the version itself nor descends from it. An artifact whose newest version is an input isn't outdated. `TOO_COMPLEX` beyond 100,000 things
 * on either side.
 */
export async function findStaleness(context: RequestContext, reference: string): Promise<Staleness> {
  const { of: root } = await resolveFields(context, { of: reference });
  const reach = await findWholeClosure(context.ports, root.id, "UPSTREAM", mostThings);
  const ids = readableNodes(context.actor, otherVersions(reach, root.id)).map((node) => node.id);
  const inputs = await context.ports.graph.read(findKnownVersions, { ids });
  const pairs = await outdatedPairs(context.ports, root.id, reach, inputs);
  const things = await loadEntities(
    context.ports,
    pairs.flatMap(({ input, newest }) => [input.id, newest.id]),
  );
  const outdated = pairs.flatMap((pair): Outdated[] => {
    const [input, newest] = [things.get(pair.input.id), things.get(pair.newest.id)];
    return input instanceof Version && newest instanceof Version ? [{ input, newest, depth: pair.depth }] : [];
  });
  return { stale: outdated.length > 0, outdated };
}
