import type { Event } from "../../model/event.ts";
import type { Ports } from "../core/context.ts";
import { EventBatch, Renderings } from "./event-batch.ts";
import { findLogEnd, loadEvents } from "./load-events.ts";

/** Maximum events: of a batch, of one read of the log's end, and in memory. */
const maxEvents = { batch: 200, read: 1_000, memory: 4_000 };
/** Maximum batches that are kept: of events in memory, and of older events. The ones added first are dropped first. */
const maxBatches = 16;
/** Milliseconds after which batches are made again even if the log does not grow: heartbeats and metrics change what is rendered, and write no event. */
const maxBatchAgeMs = 5_000;

const lineageTypes = new Set<string>(["RUN_STARTED", "RUN_ENDED", "LINEAGE_RECORDED"]);

/** The newest events of the log, read once for all readers of a process. */
export interface EventWindow {
  /** The newest number read, 0 before anything was read. */
  head(): number;
  /**
   * The events after a number, at most 200: from memory if they are there, else from the log. Empty when there are none yet. While the log doesn't grow,
   * readers at the same position get the same batch. Rejects with `EXPIRED` when the next event is no longer kept.
   */
  batchAfter(seq: number): EventBatch | Promise<EventBatch>;
  /** Registers a callback for when the log has grown; returns how to unregister it. */
  onNew(callback: () => void): () => void;
  /** A number that changes whenever an event says that lineage changed. */
  lineageAge(): number;
}

/** What only the owner of a window does with it. */
interface OwnedWindow extends EventWindow {
  /** Reads what is new; without readers, only the log's end. */
  readNew(hasReaders: boolean): Promise<void>;
  /** Forgets everything; the next `readNew` continues at the log's end. */
  reset(): void;
}

/** Adds an entry, and removes the oldest one beyond `maxBatches`. */
function setBounded<V>(map: Map<number, V>, key: number, value: V): void {
  map.set(key, value);
  const [oldest = key] = map.keys();
  if (map.size > maxBatches) map.delete(oldest);
}

/** Batches by the number that they come after. All are dropped when the log grows, and after a while, because events are rendered as things stand now. */
function createBatches(loadOlder: (after: number) => Promise<Event[]>) {
  const fromMemory = new Map<number, EventBatch>();
  const fromLog = new Map<number, Promise<EventBatch>>();
  let [renderings, createdAt] = [new Renderings(), performance.now()];

  const clear = (): void => {
    fromMemory.clear();
    fromLog.clear();
    [renderings, createdAt] = [new Renderings(), performance.now()];
  };
  const clearIfOld = (): void => {
    if (performance.now() - createdAt > maxBatchAgeMs) clear();
  };
  const load = (after: number): Promise<EventBatch> => {
    const own = renderings;
    const loading = loadOlder(after).then((events) => new EventBatch(events, own));
    setBounded(fromLog, after, loading);
    const drop = () => fromLog.get(after) === loading && fromLog.delete(after);
    // An empty batch must be read again, a failure is not shared with later readers.
    loading.then(({ events }) => events.length === 0 && drop(), drop);
    return loading;
  };
  return {
    clear,
    inMemory: (after: number, events: () => Event[]): EventBatch => {
      clearIfOld();
      const batch = fromMemory.get(after) ?? new EventBatch(events(), renderings);
      if (!fromMemory.has(after)) setBounded(fromMemory, after, batch);
      return batch;
    },
    inLog: (after: number): Promise<EventBatch> => {
      clearIfOld();
      return fromLog.get(after) ?? load(after);
    },
  };
}

function createListeners() {
  const listeners = new Set<() => void>();
  return {
    add: (callback: () => void) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    callAll: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

/** A window on the log that has read nothing yet. */
export function createEventWindow(ports: Pick<Ports, "graph">): OwnedWindow {
  const listeners = createListeners();
  let events: Event[] = [];
  let head: number | null = null;
  let lineageAge = 0;

  const observe = (some: readonly Event[]): void => {
    if (some.some(({ type }) => lineageTypes.has(type))) lineageAge += 1;
  };
  const batches = createBatches(async (after) => {
    const older = await loadEvents(ports, after, maxEvents.batch);
    observe(older);
    return older;
  });
  const advance = (newest: Event[], end: number | null): void => {
    const hasGrown = end !== null && end !== head;
    [events, head] = [newest, end];
    batches.clear();
    if (hasGrown) listeners.callAll();
  };
  const skipToEnd = async (): Promise<void> => {
    const end = await findLogEnd(ports);
    if (end === head) return;
    lineageAge += 1; // skipped events may have changed anything
    advance([], end);
  };
  /** Reads the next events; resolves with whether there may be more. */
  const readFrom = async (after: number): Promise<boolean> => {
    const newest = await loadEvents(ports, after, maxEvents.read);
    if (!newest.length) return false;
    observe(newest);
    advance([...events, ...newest].slice(-maxEvents.memory), after + newest.length);
    return newest.length === maxEvents.read;
  };
  return {
    lineageAge: () => lineageAge,
    head: () => head ?? 0,
    batchAfter: (seq) => {
      if (head === null || seq < head - events.length) return batches.inLog(seq);
      const start = Math.min(events.length - (head - seq), events.length);
      return batches.inMemory(seq, () => events.slice(start, start + maxEvents.batch));
    },
    onNew: listeners.add,
    readNew: async (hasReaders) => {
      if (head === null || !hasReaders) return skipToEnd();
      while (await readFrom(head));
    },
    reset: () => advance([], null),
  };
}
