import { randomUUID } from "node:crypto";
import { type LeanSocket, openLeanSocket } from "./lean-socket.ts";

/** A command to the process that holds the subscribers. It executes one at a time and replies to each. */
export type Order =
  /** Opens this many connections with one subscription each, starting after a cursor: the i-th to the i-th artifact, or all to everything. */
  | { do: "open"; url: string; project: string; after: string; count: number; artifacts: string[] | null }
  /** Waits until each subscriber has received this many versions; replies with counts by latency in milliseconds: `[0]` is the number below 1 ms. */
  | { do: "receive"; count: number }
  /** Closes all connections. */
  | { do: "close" };

/** The reply to an order. */
export type Reply = { counts: number[] | null } | { failed: string };

const document = `subscription ($project: String!, $artifact: String, $after: Cursor) {
  versionLogged(project: $project, artifact: $artifact, after: $after) { seq at type version { id number artifact { name } } }
}`;

/** One subscriber: how many versions it has received, and the number of the last event. */
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

/** Cuts a field out of JSON text, which is cheaper than parsing it for each of a thousand subscribers. */
function textBetween(text: string, before: string, after: string): string {
  const start = text.indexOf(before) + before.length;
  return text.slice(start, text.indexOf(after, start));
}

function recordEvent(subscriber: Subscriber, text: string): void {
  const seq = Number(textBetween(text, '"seq":', ","));
  if (!(seq > subscriber.last)) throw new Error(`event after ${subscriber.last} is out of order: ${text}`);
  const at = times.get(seq) ?? Date.parse(textBetween(text, '"at":"', '"'));
  times.set(seq, at);
  const latency = Math.max(0, Date.now() - at);
  counts[latency] = (counts[latency] ?? 0) + 1;
  subscriber.last = seq;
  subscriber.received += 1;
  if (subscriber.received === target) completeCount += 1;
  if (completeCount === subscribers.length) onComplete();
}

/** The first bytes of a message, which contain the needed fields. */
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
  // A unique id, as clients use.
  const id = randomUUID();
  socket.send(JSON.stringify({ id, type: "subscribe", payload: { query: document, variables } }));
  return subscriber;
}

const openConcurrency = 50;

async function openAll({ url, project, after, count, artifacts }: Order & { do: "open" }): Promise<void> {
  while (subscribers.length < count) {
    const first = subscribers.length;
    const some = Array.from({ length: Math.min(openConcurrency, count - first) }, (_, i) =>
      open(url, { project, after, artifact: artifacts?.[first + i] ?? null }),
    );
    subscribers.push(...(await Promise.all(some)));
  }
}

/** Waits until every subscriber has received `count` versions since the last call. */
async function receive(count: number): Promise<number[]> {
  target = count;
  completeCount = subscribers.filter(({ received }) => received >= count).length;
  if (completeCount < subscribers.length) {
    await new Promise<void>((resolve) => {
      onComplete = resolve;
    });
  }
  onComplete = () => undefined;
  const wrong = subscribers.find(({ received }) => received !== count);
  if (wrong) throw new Error(`a subscriber received ${wrong.received} versions instead of ${count}`);
  for (const subscriber of subscribers) subscriber.received = 0;
  const result = Array.from(counts, (count) => count ?? 0);
  [counts, target] = [[], Number.POSITIVE_INFINITY];
  return result;
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
