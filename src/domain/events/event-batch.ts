import { getOrCreate } from "../../lib/get-or-create.ts";
import type { Event } from "../../model/event.ts";

/** One event as JSON in UTF-8, rendered for one subscription document, and the event's cursor. */
export interface RenderedEvent {
  json: Buffer;
  cursor: string;
}

/** Bytes to be written in one go. A transport that puts an operation's id into its messages leaves room for it at `idOffsets`, and reuses copies. */
export interface EncodedChunk {
  bytes: Buffer;
  idOffsets: readonly number[];
  /** Copies that have been written and can be used again. */
  freeCopies: Buffer[];
}

/** A chunk gets no more events once it holds this many bytes. */
const chunkBytes = 65_536;

function chunkBySize(events: readonly RenderedEvent[]): RenderedEvent[][] {
  const chunks: RenderedEvent[][] = [];
  let [chunk, size]: [RenderedEvent[], number] = [[], chunkBytes];
  for (const event of events) {
    if (size >= chunkBytes) {
      [chunk, size] = [[], 0];
      chunks.push(chunk);
    }
    chunk.push(event);
    size += event.json.length;
  }
  return chunks;
}

/** Rendered events and their bytes for each transport. Does not refer to the batch, so that a slow reader keeps only what it is being sent. */
export class RenderedEvents {
  readonly #encodings = new Map<string, EncodedChunk[]>();

  constructor(readonly events: readonly RenderedEvent[]) {}

  /** The chunks of the encoding with this name; `encodeChunk` makes them at the first call. */
  encode(name: string, encodeChunk: (events: readonly RenderedEvent[]) => EncodedChunk): readonly EncodedChunk[] {
    return getOrCreate(this.#encodings, name, () => chunkBySize(this.events).map(encodeChunk));
  }
}

/** The promise stored under a key, created if there is none; a promise that rejects is removed. */
function getOrStart<K, V>(promises: Map<K, Promise<V>>, key: K, start: () => Promise<V>): Promise<V> {
  const existing = promises.get(key);
  if (existing !== undefined) return existing;
  const started = start();
  promises.set(key, started);
  started.catch(() => promises.get(key) === started && promises.delete(key));
  return started;
}

/** Maximum bytes of JSON that are kept between two growths of the log, beyond the entry added last. */
const maxKeptBytes = 16_777_216;

/**
 * The events that were rendered since the log last grew, for all batches made since then: an event in several batches or selections is rendered once
 * per document. Beyond `maxKeptBytes` the oldest entries are dropped.
 */
export class Renderings {
  readonly #events = new Map<string, Map<number, Promise<RenderedEvent>>>();
  readonly #sizes = new Map<() => void, number>();
  #bytes = 0;

  /** The event rendered for a document, by the first caller's `render`. */
  getEvent(document: string, event: Event, render: (event: Event) => Promise<RenderedEvent>): Promise<RenderedEvent> {
    const events = getOrCreate(this.#events, document, () => new Map<number, Promise<RenderedEvent>>());
    return getOrStart(events, event.seq, async () => {
      const rendered = await render(event);
      this.track(rendered.json.length, () => events.delete(event.seq));
      return rendered;
    });
  }

  /** Counts the bytes of an entry that is kept somewhere until `drop` is called. */
  track(bytes: number, drop: () => void): void {
    this.#sizes.set(drop, bytes);
    this.#bytes += bytes;
    for (const [dropOldest, size] of this.#sizes) {
      if (this.#bytes <= maxKeptBytes || this.#sizes.size === 1) return;
      this.#sizes.delete(dropOldest);
      this.#bytes -= size;
      dropOldest();
    }
  }
}

/** The events of a batch that fit some criteria, and what was rendered of them. */
export class EventSelection {
  readonly #renderings: Renderings;
  readonly #rendered = new Map<string, Promise<RenderedEvents>>();

  constructor(
    readonly events: readonly Event[],
    renderings: Renderings,
  ) {
    this.#renderings = renderings;
  }

  /** The events rendered for a document, once for all readers; `document` is equal for documents that render every event alike. */
  render(document: string, render: (event: Event) => Promise<RenderedEvent>): Promise<RenderedEvents> {
    return getOrStart(this.#rendered, document, async () => {
      const events = await Promise.all(this.events.map((event) => this.#renderings.getEvent(document, event, render)));
      // The encodings made of it will take about as many bytes again.
      const bytes = events.reduce((sum, { json }) => sum + json.length, 0);
      this.#renderings.track(bytes, () => this.#rendered.delete(document));
      return new RenderedEvents(events);
    });
  }
}

/** Some of a list of events. */
export type SelectEvents = (events: readonly Event[]) => readonly Event[] | Promise<readonly Event[]>;

/**
 * Consecutive events of the log that all readers at the same position get, with what is computed once for all of them: the selection for each criteria,
 * and for each selection its rendered events and their bytes. It is dropped when the log grows.
 */
export class EventBatch {
  readonly #renderings: Renderings;
  readonly #selections = new Map<string, Promise<EventSelection>>();

  constructor(
    readonly events: readonly Event[],
    renderings: Renderings,
  ) {
    this.#renderings = renderings;
  }

  /** The events that `select` returns, selected once for equal keys. */
  select(key: string, select: SelectEvents): Promise<EventSelection> {
    return getOrStart(
      this.#selections,
      key,
      async () => new EventSelection(await select(this.events), this.#renderings),
    );
  }
}
