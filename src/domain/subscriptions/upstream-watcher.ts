import type { Event } from "../../model/event.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import type { EventTail } from "../events/event-tail.ts";
import { findClosure } from "../lineage/closure.ts";

const newestOf = statement<{ ids: string[] }, { key: string; number: number }>("greatest-numbers");

/** How far upstream is followed: versions, runs and steps. */
const most = 100_000;

/** The artifacts upstream of a version by their keys, with the greatest number that is upstream; its own artifact is left out. */
type Upstream = Map<string, number>;

/** What is upstream of the versions that somebody watches, walked again only once lineage has changed. */
export interface UpstreamWatcher {
  /** Watches a version until `end`; `outdating` are those of some events that tell of a newer version of an artifact upstream, as lineage stands now. */
  watch(version: string): { outdating(events: readonly Event[]): Promise<Event[]>; end(): void };
}

async function walk(ports: Pick<Ports, "graph">, version: string): Promise<Upstream> {
  const { nodes } = await findClosure(ports, version, "UPSTREAM", most);
  const own = nodes.find(({ id }) => id === version)?.artifactKey;
  const ids = nodes.flatMap(({ id, artifactKey }) => (artifactKey && artifactKey !== own ? [id] : []));
  const rows = ids.length ? await ports.graph.read(newestOf, { ids }) : [];
  return new Map(rows.map(({ key, number }) => [key, number]));
}

/** One walk for all who watch the same version, however many events and watchers there are between two changes of lineage. */
export function createUpstreamWatcher(ports: Pick<Ports, "graph">, tail: EventTail): UpstreamWatcher {
  const watched = new Map<string, { watchers: number; age: number; upstream: Promise<Upstream> | null }>();

  const upstreamOf = (version: string): Promise<Upstream> => {
    const entry = watched.get(version);
    if (!entry) return walk(ports, version);
    if (!entry.upstream || entry.age !== tail.lineageAge()) {
      entry.age = tail.lineageAge();
      const upstream = walk(ports, version);
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
        outdating: async (events) => {
          const logged = events.filter(({ type }) => type === "VERSION_LOGGED");
          if (!logged.length) return [];
          const upstream = await upstreamOf(version);
          return logged.filter(({ artifactKey, number }) => {
            const newest = upstream.get(artifactKey ?? "");
            return newest !== undefined && (number === null || number > newest);
          });
        },
        end: () => {
          entry.watchers -= 1;
          if (!entry.watchers) watched.delete(version);
        },
      };
    },
  };
}
