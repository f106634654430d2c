import { createClient } from "graphql-ws";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";

/** The selected fields of an event. */
export interface ReceivedEvent {
  cursor: string;
  seq: number;
  type: string;
  project: { name: string };
  artifact: { name: string } | null;
  version: { id: string; number: number } | null;
}

/** The arguments of `versionLogged`. */
export interface Wanted {
  project?: string;
  artifact?: string;
  kind?: string;
  tag?: string;
  after?: string | null;
}

export const versionLogged = `subscription ($project: String, $artifact: String, $kind: Kind, $tag: String, $after: Cursor) {
  versionLogged(project: $project, artifact: $artifact, kind: $kind, tag: $tag, after: $after) {
    cursor seq type project { name } artifact { name } version { id number }
  }
}`;

/** One subscription, read event by event. */
export interface Stream {
  /** The next event; rejects with an error, or when the stream ended. */
  next(): Promise<ReceivedEvent>;
  /** The next `count` events. */
  take(count: number): Promise<ReceivedEvent[]>;
  /** Ends it. */
  stop(): Promise<void>;
}

type Given = {
  data?: { versionLogged: ReceivedEvent } | null;
  errors?: readonly { extensions?: Record<string, unknown> }[];
};

/** A websocket that does not reconnect; closed with the test. */
export function connect(url: string, connectionParams: Record<string, unknown> = {}, lazy = true) {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
    lazy,
    onNonLazyError: () => undefined,
  });
  onTestFinished(() => void client.dispose());
  const streamOf = (events: AsyncIterableIterator<unknown>): Stream => {
    const next = async (): Promise<ReceivedEvent> => {
      const { value, done } = await events.next();
      const delivered = (value as Given | undefined)?.data?.versionLogged;
      if (done || !delivered)
        throw Object.assign(new Error("no event"), (value as Given | undefined)?.errors?.[0]?.extensions);
      return delivered;
    };
    const take = async (count: number) => {
      const delivered: ReceivedEvent[] = [];
      while (delivered.length < count) delivered.push(await next());
      return delivered;
    };
    return { next, take, stop: async () => void (await events.return?.()) };
  };
  return {
    client,
    versions: (wanted: Wanted = {}): Stream =>
      streamOf(client.iterate({ query: versionLogged, variables: { ...wanted } }) as AsyncIterableIterator<unknown>),
  };
}

/** One subscription on a separate connection. */
export function follow(url: string, wanted: Wanted = {}, connectionParams: Record<string, unknown> = {}): Stream {
  return connect(url, connectionParams).versions(wanted);
}
