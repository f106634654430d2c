import * as v from "valibot";
import type { Event } from "../../model/event.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import type { EventTail } from "../events/event-log.ts";
import { findClosure } from "../lineage/closure.ts";

const findGreatestNumbers = statement({
  name: "greatest-numbers",
  params: { ids: v.array(v.string()) },
  row: { key: v.string(), number: v.number() },
});

/** Maximum versions, runs and steps of the lineage that is followed upstream. */
const maxNodes = 100_000;

/** The keys of the artifacts upstream of a version, each with its greatest version number that is upstream. The version's own artifact is left out. */
type Upstream = Map<string, number>;

/** Knows what is upstream of the versions that are being watched. */
export interface UpstreamWatcher {
  /**
   * Watches a version until `end` is called. `findNewer` returns those of some events that log a newer version of an artifact upstream, by the lineage
   * as it is now.
   */
  watch(version: string): { findNewer(events: readonly Event[]): Promise<Event[]>; end(): void };
}

async function findUpstream(ports: Pick<Ports, "graph">, version: string): Promise<Upstream> {
  const { nodes } = await findClosure(ports, version, "UPSTREAM", maxNodes);
  const own = nodes.find(({ id }) => id === version)?.artifactKey;
  const ids = nodes.flatMap(({ id, artifactKey }) => (artifactKey && artifactKey !== own ? [id] : []));
  const rows = ids.length ? await ports.graph.read(findGreatestNumbers, { ids }) : [];
  return new Map(rows.map(({ key, number }) => [key, number]));
}

function isNewer({ artifactKey, number }: Event, upstream: Upstream): boolean {
  const newest = upstream.get(artifactKey ?? "");
  return newest !== undefined && (number === null || number > newest);
}

/** Creates a watcher. All watchers of a version share one walk, which is repeated only after lineage has changed. */
export function createUpstreamWatcher(ports: Pick<Ports, "graph">, tail: EventTail): UpstreamWatcher {
  const watched = new Map<string, { watchers: number; age: number; upstream: Promise<Upstream> | null }>();

  const upstreamOf = (version: string): Promise<Upstream> => {
    const entry = watched.get(version);
    if (!entry) return findUpstream(ports, version);
    if (!entry.upstream || entry.age !== tail.lineageAge()) {
      entry.age = tail.lineageAge();
      const upstream = findUpstream(ports, version);
      entry.upstream = upstream;
      upstream.catch(() => {
        if (entry.upstream === upstream) entry.upstream = null;
      });
    }
    return entry.upstream;
  };

  return {
    watch: (version) => {
      const entry = watched.get(version) ?? { watchers: 0, age: 0, upstream: null };
      entry.watchers += 1;
      watched.set(version, entry);
      return {
        findNewer: async (events) => {
          const logged = events.filter(({ type }) => type === "VERSION_LOGGED");
          if (!logged.length) return [];
          const upstream = await upstreamOf(version);
          return logged.filter((event) => isNewer(event, upstream));
        },
        end: () => {
          entry.watchers -= 1;
          if (!entry.watchers) watched.delete(version);
        },
      };
    },
  };
}
