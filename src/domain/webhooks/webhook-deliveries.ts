import { createHmac } from "node:crypto";
import { type PeriodicTask, repeatWhileFull, startPeriodicTask } from "../../lib/periodic-task.ts";
import { Delivery } from "../../model/webhook.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import type { WebhookRow } from "../core/rows.ts";
import { type EventRow, readRows, toCursor, toEvent } from "../events/event-log.ts";
import type { EventTail } from "../events/event-tail.ts";
import type { RelatedRow } from "../query/connections.ts";

/** One event on its way to one webhook; `event` is the event's row as JSON. */
export interface DeliveryRow {
  id: string;
  webhook: string;
  project: string;
  seq: number;
  event: string;
  at: number;
  attempts: number;
  status?: number | null;
  error?: string | null;
  deliveredAt?: number | null;
  nextAttemptAt?: number | null;
}

const dueWebhooks = statement<{ head: number; now: number; limit: number }, { id: string }>("due-webhooks");
const claimWebhook = statement<
  { id: string; by: string; now: number; leaseUntil: number },
  { webhook: WebhookRow & { seq: number; attempts: number } }
>("claim-webhook");
const advanceWebhook = statement<{ id: string; by: string; progress: Value }, { id: string }>("advance-webhook");
const recordDelivery = statement<{ id: string; properties: Value }, { id: string }>("record-delivery");
const expireDeliveries = statement<{ before: number; limit: number }, { forgotten: number }>("expire-deliveries");

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
/** Milliseconds until an event that wasn't received is sent again, after the first time, the second, ...; after the last the webhook is switched off. */
const pauses = [5 * second, 30 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 8 * hour, 10 * hour];
/** Milliseconds that a claim lasts without a sign of life: longer than a receiver may take. */
const lease = 60 * second;
const batch = 500;
const atOnce = 16;
/** Milliseconds that deliveries are listed, and between looks at what is due again. */
const remembered = 30 * 24 * hour;
const every = second;

/** The delivery of a row of a page. */
export function toDelivery({ item }: RelatedRow<DeliveryRow>): Delivery {
  return Object.assign(new Delivery(), {
    ...{ id: item.id, attempts: item.attempts, status: item.status ?? null, error: item.error ?? null },
    ...{ deliveredAt: item.deliveredAt ?? null, nextAttemptAt: item.nextAttemptAt ?? null },
    event: toEvent(JSON.parse(item.event) as EventRow),
  });
}

type SendDeps = Pick<Deps, "graph" | "now" | "webhooks">;

/** The headers of Standard Webhooks: HMAC-SHA256 over id, timestamp (seconds) and body. */
function signed(secret: string, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / second));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "content-type": "application/json",
    "user-agent": "pedigree",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}

/** What a receiver reads: type and time as Standard Webhooks has them, and the event with the ids of what it is about. */
function bodyOf(event: EventRow): string {
  const { type, at, artifactKey: artifact, operation: _operation, position: _position, ...rest } = event;
  const timestamp = new Date(at).toISOString();
  const data = { cursor: toCursor(event.seq), ...rest, at: timestamp, ...(artifact && { artifact }) };
  return JSON.stringify({ type, timestamp, data });
}

async function attempt(deps: SendDeps, hook: WebhookRow, delivery: DeliveryRow, signal: AbortSignal) {
  const body = bodyOf(JSON.parse(delivery.event) as EventRow);
  const headers = signed(hook.secret, delivery.id, deps.now(), body);
  try {
    const status = await deps.webhooks.post(hook.url, headers, body, signal);
    const received = status >= 200 && status < 300;
    const redirected = status >= 300 && status < 400 ? ": redirects are not followed" : "";
    return { received, status, error: received ? null : `it answered ${status}${redirected}` };
  } catch (error) {
    return { received: false, status: null, error: error instanceof Error ? error.message || error.name : "no answer" };
  }
}

/** Sends a delivery and records what came of it; `nextAttemptAt` is when it will be sent again if it isn't received. */
export async function send(
  deps: SendDeps,
  hook: WebhookRow,
  delivery: DeliveryRow,
  nextAttemptAt: number | null,
  signal: AbortSignal,
): Promise<{ received: boolean; status: number | null }> {
  const { received, status, error } = await attempt(deps, hook, delivery, signal);
  const deliveredAt = received ? deps.now() : (delivery.deliveredAt ?? null);
  const result = { status, error, deliveredAt, nextAttemptAt: received ? null : nextAttemptAt };
  await deps.graph.write((tx) => tx.run(recordDelivery, { id: delivery.id, properties: { ...delivery, ...result } }));
  return { received, status };
}

type TellDeps = SendDeps & Pick<Deps, "newId">;

/** A webhook while it is told: how far it is, kept in the graph as it goes. */
async function telling(deps: TellDeps, id: string) {
  const by = deps.newId();
  const now = deps.now();
  const [row] = await deps.graph.write((tx) => tx.run(claimWebhook, { id, by, now, leaseUntil: now + lease }));
  if (!row) return null;
  const advance = async (progress: { [key: string]: Value }): Promise<boolean> =>
    (await deps.graph.write((tx) => tx.run(advanceWebhook, { id, by, progress }))).length > 0;
  return { hook: row.webhook, advance };
}

function isFor(hook: WebhookRow, event: EventRow): boolean {
  const types = JSON.parse(hook.types) as string[];
  return event.project === hook.project && (!types.length || types.includes(event.type));
}

/** Sends one event; what is to be kept of the webhook. A receiver that is GONE (410) wants no more. */
async function tellOne(deps: TellDeps, hook: WebhookRow & { attempts: number }, event: EventRow, signal: AbortSignal) {
  const at = deps.now();
  const attempts = hook.attempts + 1;
  const pause = pauses[attempts - 1];
  const nextAt = pause === undefined ? null : at + pause;
  const id = `${hook.id}.${event.seq}`;
  const { project, seq } = event;
  const delivery = { id, webhook: hook.id, project, seq, event: JSON.stringify(event), at, attempts };
  const { received, status } = await send(deps, hook, delivery, nextAt, signal);
  if (received) return { received, progress: { seq, attempts: 0, nextAt: 0 } };
  if (signal.aborted) return { received, progress: {} };
  const enabled = nextAt !== null && status !== 410;
  return { received, progress: { attempts, nextAt: nextAt ?? 0, enabled } };
}

/** Tells one webhook of all that is new, in order, until it fails, another takes over, or the service ends. */
async function tell(deps: TellDeps, id: string, head: number, signal: AbortSignal): Promise<void> {
  const claimed = await telling(deps, id);
  if (!claimed) return;
  const { hook, advance } = claimed;
  let { seq, attempts } = hook;
  while (!signal.aborted && seq < head) {
    const { rows } = await readRows(deps, seq, batch);
    for (const event of rows.filter((row) => isFor(hook, row))) {
      const { received, progress } = await tellOne(deps, { ...hook, attempts }, event, signal);
      if (!received) return void (await advance({ ...progress, leaseUntil: 0 }));
      attempts = 0;
      if (!(await advance({ ...progress, leaseUntil: deps.now() + lease })) || signal.aborted) return;
    }
    // Where nothing is kept any more there is nothing to tell.
    seq = rows.at(-1)?.seq ?? Math.min(seq + batch, head);
    if (!(await advance({ seq, leaseUntil: deps.now() + lease }))) return;
  }
  await advance({ leaseUntil: 0 });
}

/** Forgets deliveries that were remembered long enough. */
function forgetDeliveries({ graph, now }: TellDeps, signal: AbortSignal): Promise<number> {
  const params = { before: now() - remembered, limit: batch };
  const forget = async () => (await graph.write((tx) => tx.run(expireDeliveries, params)))[0]?.forgotten ?? 0;
  return repeatWhileFull(batch, forget, signal);
}

/** Begins to tell webhooks of what happens, each in order, several at once; `onError` hears of failures, and the next turn tries again. */
export function startTellingWebhooks(
  deps: TellDeps,
  tail: EventTail,
  onError: (error: unknown) => void,
): Pick<PeriodicTask, "stop"> {
  const stopped = new AbortController();
  const busy = new Map<string, Promise<void>>();
  const begin = (id: string, head: number) => {
    const work = tell(deps, id, head, stopped.signal).catch(onError);
    busy.set(
      id,
      work.finally(() => busy.delete(id)),
    );
  };
  const look = async () => {
    const head = tail.head();
    const due = await deps.graph.read(dueWebhooks, { head, now: deps.now(), limit: atOnce });
    for (const { id } of due) if (!busy.has(id) && busy.size < atOnce && !stopped.signal.aborted) begin(id, head);
  };
  const looking = startPeriodicTask(every, look, onError);
  const expiring = startPeriodicTask(hour, (signal) => forgetDeliveries(deps, signal), onError);
  const forget = tail.onNews(looking.wake);
  return {
    async stop() {
      forget();
      stopped.abort();
      await Promise.all([looking.stop(), expiring.stop()]);
      await Promise.all(busy.values());
    },
  };
}
