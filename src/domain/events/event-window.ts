import type { Event } from "../../model/event.ts";
import type { Ports } from "../core/context.ts";
import { logEnd, readLog } from "./event-log.ts";

/** How many events a reader is handed at once. */
export const batchSize = 200;

/** Events that one read takes, how many of the newest stay in memory, and how many handfuls are kept for others at the same place. */
const most = { batch: 1_000, kept: 4_000, handfuls: 16 };

const lineageTypes = new Set<string>(["RUN_STARTED", "RUN_ENDED", "LINEAGE_RECORDED"]);

/** The newest events of the log, read once for all readers of a process. */
export interface EventWindow {
  /** The last number seen, 0 before any was. */
  head(): number;
  /**
   * Some of the events after a place, the next ones, as far as they were seen; null when they are not in memory. Readers at the same place are
   * handed the same list, so that what many make of it can be made once.
   */
  since(seq: number): readonly Event[] | null;
  /** Calls back whenever the log has grown; returns how to stop that. */
  onNews(callback: () => void): () => void;
  /** Changes whenever an event told that lineage changed. */
  lineageAge(): number;
  /** Tells of events that were read elsewhere. */
  noticed(events: readonly Event[]): void;
}

/** What the window's owner does with it. */
interface OwnedWindow extends EventWindow {
  /** Reads all that is new, or, when nobody would see it, only whether there is any. */
  catchUp(isRead: boolean): Promise<void>;
  /** Lets go of everything, and begins anew at the log's end with the next `catchUp`. */
  forget(): void;
}

/** Lists by the place they begin at: the newest few are given again to whoever asks from the same place. */
function createBatches() {
  const lists = new Map<number, readonly Event[]>();
  return {
    clear: () => lists.clear(),
    at: (seq: number, cut: () => readonly Event[]): readonly Event[] => {
      const list = lists.get(seq) ?? cut();
      lists.set(seq, list);
      const [oldest = seq] = lists.keys();
      if (lists.size > most.handfuls) lists.delete(oldest);
      return list;
    },
  };
}

/** A window on the log that reads nothing yet. */
export function createEventWindow(ports: Pick<Ports, "graph">): OwnedWindow {
  const listeners = new Set<() => void>();
  const handfuls = createBatches();
  let events: Event[] = [];
  let head: number | null = null;
  let lineageAge = 0;

  const hold = (some: Event[], end: number | null): void => {
    const isNews = end !== null && end !== head;
    [events, head] = [some, end];
    handfuls.clear();
    if (isNews) for (const listener of [...listeners]) listener();
  };
  const noticed = (some: readonly Event[]): void => {
    if (some.some(({ type }) => lineageTypes.has(type))) lineageAge += 1;
  };
  const skip = async (): Promise<void> => {
    const end = await logEnd(ports);
    if (end === head) return;
    lineageAge += 1; // what happened meanwhile may have changed anything
    hold([], end);
  };
  /** Reads on; says whether there may be more. */
  const read = async (from: number): Promise<boolean> => {
    const { events: some } = await readLog(ports, from, most.batch);
    if (!some.length) return false;
    noticed(some);
    hold([...events, ...some].slice(-most.kept), from + some.length);
    return some.length === most.batch;
  };
  return {
    noticed,
    lineageAge: () => lineageAge,
    head: () => head ?? 0,
    since: (seq) => {
      if (head === null || seq < head - events.length) return null;
      const start = Math.min(events.length - (head - seq), events.length);
      return handfuls.at(seq, () => events.slice(start, start + batchSize));
    },
    onNews: (callback) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    catchUp: async (isRead) => {
      if (head === null || !isRead) return skip();
      while (await read(head));
    },
    forget: () => hold([], null),
  };
}
