import { setTimeout as pause } from "node:timers/promises";
import { openEventSource } from "./event-source.ts";
import { connect } from "./events.ts";

/** An event as subscriptions and the log show it. */
export interface Heard {
  cursor: string;
  seq: number;
  type: string;
  artifact: { name: string } | null;
  version: { id: string; number: number } | null;
}

/** The selected fields of each event. */
export const heardFields = "cursor seq type artifact { name } version { id number }";

/** The events of one connection; null when it broke or the service is unavailable. */
type Hearing = { next(): Promise<Heard | null>; close(): Promise<void> };
type Given = { data?: Record<string, Heard> | null; errors?: readonly { extensions?: { code?: string } }[] };
type Open = (url: string, asked: Asked, after: string) => Promise<Hearing>;

/** A subscription: a document with the variable `$after`, and its other variables. */
export interface Asked {
  query: string;
  variables: object;
}

/** The event, or null while the graph is unavailable. Any other result fails the test. */
function eventIn(given: Given): Heard | null {
  const [event] = Object.values(given.data ?? {});
  if (event && !given.errors) return event;
  if (given.errors?.[0]?.extensions?.code === "UNAVAILABLE") return null;
  throw new Error(`received without an event: ${JSON.stringify(given)}`);
}

/** How a websocket reports a broken connection. */
function isClosing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error;
}

const overWebsocket: Open = async (url, { query, variables }, after) => {
  const { client } = connect(url);
  const events = client.iterate({ query, variables: { ...variables, after } }) as AsyncIterableIterator<Given>;
  const next = async (): Promise<Heard | null> => {
    const given = await events.next().catch((error: unknown) => {
      if (isClosing(error) || error instanceof Event) return null;
      throw error;
    });
    return given && !given.done ? eventIn(given.value) : null;
  };
  return { next, close: async () => void (await Promise.all([events.return?.(), client.dispose()])) };
};

const overSse: Open = async (url, { query, variables }, after) => {
  const headers = { "last-event-id": after };
  const source = await openEventSource(url, query, variables, { headers, post: true }).catch(() => null);
  const next = async (): Promise<Heard | null> => {
    const sent = await source?.next();
    if (!sent || sent.event === "complete") return null;
    const event = eventIn(sent.data as Given);
    if (event && event.cursor !== sent.id) throw new Error(`${sent.id} is not the cursor of ${event.seq}`);
    return event;
  };
  return { next, close: async () => source?.close() };
};

const transports = { websocket: overWebsocket, sse: overSse };
export type Transport = keyof typeof transports;

/** Milliseconds before a subscriber without a replica tries again. */
const retryDelayMs = 50;

/** Subscribes to one of several replicas; when the connection breaks, it resumes at the next one after its last event. */
export function subscriber(transport: Transport, urls: string[], asked: Asked, start: string) {
  const heard: Heard[] = [];
  let [at, over, breaks] = [0, false, 0];
  let hearing: Hearing | null = null;

  const hear = async (): Promise<void> => {
    const here: Hearing = await transports[transport](
      urls[at % urls.length] ?? "",
      asked,
      heard.at(-1)?.cursor ?? start,
    );
    hearing = here;
    // It may have been stopped while this connection opened.
    if (over) await here.close();
    for (let event = await here.next(); event; event = await here.next()) heard.push(event);
    await here.close();
  };
  const run = async (): Promise<void> => {
    while (!over) {
      await hear();
      if (over) return;
      at += 1;
      breaks += 1;
      await pause(retryDelayMs);
    }
  };
  const running = run();
  running.catch(() => undefined);
  return {
    heard,
    /** How many of its connections have ended. */
    breaks: () => breaks,
    /** Closes the connection, as a client does that moves on. */
    cut: async () => void (await hearing?.close()),
    /** Stops it; rejects when it got an unexpected result. */
    end: async (): Promise<void> => {
      over = true;
      await hearing?.close();
      await running;
    },
    running,
  };
}
export type Subscriber = ReturnType<typeof subscriber>;
