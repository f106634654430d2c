import { randomUUID } from "node:crypto";
import { type LeanSocket, openLeanSocket } from "./lean-socket.ts";

/** What the process of subscribers is told, one order at a time; it answers each with what is described there. */
export type Order =
  /** Opens so many connections with one subscription each, from a cursor on: the i-th follows the i-th of the artifacts, or all follow everything. */
  | { do: "open"; url: string; project: string; after: string; count: number; artifacts: string[] | null }
  /** Waits until each was told so many versions; answers with how long each took from its commit, by milliseconds: `[0]` is how many took less than 1. */
  | { do: "receive"; count: number }
  /** Closes all connections and forgets what was told. */
  | { do: "close" };

/** What comes back. */
export type Reply = { counts: number[] | null } | { failed: string };

const document = `subscription ($project: String!, $artifact: String, $after: Cursor) {
  versionLogged(project: $project, artifact: $artifact, after: $after) { seq at type version { id number artifact { name } } }
}`;

/** One subscriber: how many versions it was told, in order without a repetition. */
interface Subscriber {
  socket: LeanSocket | null;
  received: number;
  last: number;
}

let subscribers: Subscriber[] = [];
let counts: number[] = [];
let target = Number.POSITIVE_INFINITY;
let completeCount = 0;
let onComplete: () => void = () => undefined;
const times = new Map<number, number>();

/** Fields are cut out of the text: a thousand times the same needs no parsing of JSON. */
function textBetween(text: string, before: string, after: string): string {
  const start = text.indexOf(before) + before.length;
  return text.slice(start, text.indexOf(after, start));
}

function recordEvent(subscriber: Subscriber, text: string): void {
  const seq = Number(textBetween(text, '"seq":', ","));
  if (!(seq > subscriber.last)) throw new Error(`after ${subscriber.last} came ${text}`);
  const at = times.get(seq) ?? Date.parse(textBetween(text, '"at":"', '"'));
  times.set(seq, at);
  const late = Math.max(0, Date.now() - at);
  counts[late] = (counts[late] ?? 0) + 1;
  subscriber.last = seq;
  subscriber.received += 1;
  if (subscriber.received === target) completeCount += 1;
  if (completeCount === subscribers.length) onComplete();
}

/** As much of a message as what is looked for stands in. */
const headerBytes = 200;

async function open(url: string, variables: object): Promise<Subscriber> {
  const subscriber: Subscriber = { socket: null, received: 0, last: 0 };
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  const onMessage = (bytes: Buffer, start: number): void => {
    const text = bytes.toString("latin1", start, Math.min(start + headerBytes, bytes.length));
    if (text.includes('"type":"next"')) recordEvent(subscriber, text);
    else if (text.startsWith('{"type":"connection_ack"')) onReady();
    else fail(text);
  };
  const socket = await openLeanSocket(`${url}/graphql`, onMessage, fail);
  subscriber.socket = socket;
  socket.send(JSON.stringify({ type: "connection_init" }));
  await ready;
  // An id as clients make them: each its own.
  const id = randomUUID();
  socket.send(JSON.stringify({ id, type: "subscribe", payload: { query: document, variables } }));
  return subscriber;
}

const atOnce = 50;

async function openAll({ url, project, after, count, artifacts }: Order & { do: "open" }): Promise<void> {
  while (subscribers.length < count) {
    const first = subscribers.length;
    const some = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) =>
      open(url, { project, after, artifact: artifacts?.[first + i] ?? null }),
    );
    subscribers.push(...(await Promise.all(some)));
  }
}

/** From now on all are to be told so many more. */
async function receive(count: number): Promise<number[]> {
  target = count;
  completeCount = subscribers.filter(({ received: told }) => told >= count).length;
  if (completeCount < subscribers.length) {
    await new Promise<void>((resolve) => {
      onComplete = resolve;
    });
  }
  onComplete = () => undefined;
  const more = subscribers.find(({ received: told }) => told !== count);
  if (more) throw new Error(`one was told ${more.received} of ${count} versions`);
  for (const subscriber of subscribers) subscriber.received = 0;
  const received = Array.from(counts, (times) => times ?? 0);
  [counts, target] = [[], Number.POSITIVE_INFINITY];
  return received;
}

async function execute(order: Order): Promise<number[] | null> {
  if (order.do === "open") await openAll(order);
  if (order.do === "receive") return receive(order.count);
  if (order.do === "close") {
    await Promise.all(subscribers.map(({ socket }) => socket?.close()));
    subscribers = [];
  }
  return null;
}

function reply(message: Reply) {
  return process.send?.(message);
}
function fail(error: unknown) {
  reply({ failed: String(error) });
  process.disconnect();
}

process.on("uncaughtException", fail);
process.on("message", (order: Order) => {
  execute(order).then((counts) => reply({ counts }), fail);
});
process.on("disconnect", () => process.exit());
