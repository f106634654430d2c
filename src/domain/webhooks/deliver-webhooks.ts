import { createHmac } from "node:crypto";
import { type Job, repeatWhileFull } from "../../lib/job.ts";
import { Delivery } from "../../model/webhook.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import type { WebhookRow } from "../core/webhook-row.ts";
import type { EventTail } from "../events/event-log.ts";
import type { EventRow } from "../events/event-row.ts";
import { loadEventRows, toCursor, toEvent } from "../events/load-events.ts";
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

const dueWebhooks = statement<{ head: number; now: number; limit: number }, { id: string }>("find-due-webhooks");
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

async function attempt(
  ports: Pick<Ports, "now" | "webhooks">,
  hook: WebhookRow,
  delivery: DeliveryRow,
  signal: AbortSignal,
) {
  const body = bodyOf(JSON.parse(delivery.event) as EventRow);
  const headers = signed(hook.secret, delivery.id, ports.now(), body);
  try {
    const status = await ports.webhooks.post(hook.url, headers, body, signal);
    const received = status >= 200 && status < 300;
    const redirected = status >= 300 && status < 400 ? ": redirects are not followed" : "";
    return { received, status, error: received ? null : `it answered ${status}${redirected}` };
  } catch (error) {
    return { received: false, status: null, error: error instanceof Error ? error.message || error.name : "no answer" };
  }
}

/** Sends a delivery and records what came of it; `nextAttemptAt` is when it will be sent again if it isn't received. */
export async function sendDelivery(
  ports: Pick<Ports, "graph" | "now" | "webhooks">,
  hook: WebhookRow,
  delivery: DeliveryRow,
  nextAttemptAt: number | null,
  signal: AbortSignal,
): Promise<{ received: boolean; status: number | null }> {
  const { received, status, error } = await attempt(ports, hook, delivery, signal);
  const deliveredAt = received ? ports.now() : (delivery.deliveredAt ?? null);
  const result = { status, error, deliveredAt, nextAttemptAt: received ? null : nextAttemptAt };
  await ports.graph.write((tx) => tx.run(recordDelivery, { id: delivery.id, properties: { ...delivery, ...result } }));
  return { received, status };
}

/** A webhook while it is told: how far it is, kept in the graph as it goes. */
async function telling(ports: Pick<Ports, "graph" | "newId" | "now">, id: string) {
  const by = ports.newId();
  const now = ports.now();
  const [row] = await ports.graph.write((tx) => tx.run(claimWebhook, { id, by, now, leaseUntil: now + lease }));
  if (!row) return null;
  const advance = async (progress: { [key: string]: Value }): Promise<boolean> =>
    (await ports.graph.write((tx) => tx.run(advanceWebhook, { id, by, progress }))).length > 0;
  return { hook: row.webhook, advance };
}

function isFor(hook: WebhookRow, event: EventRow): boolean {
  const types = JSON.parse(hook.types) as string[];
  return event.project === hook.project && (!types.length || types.includes(event.type));
}

/** Sends one event; what is to be kept of the webhook. A receiver that is GONE (410) wants no more. */
async function tellOne(
  ports: Pick<Ports, "graph" | "now" | "webhooks">,
  hook: WebhookRow & { attempts: number },
  event: EventRow,
  signal: AbortSignal,
) {
  const at = ports.now();
  const attempts = hook.attempts + 1;
  const pause = pauses[attempts - 1];
  const nextAt = pause === undefined ? null : at + pause;
  const id = `${hook.id}.${event.seq}`;
  const { project, seq } = event;
  const delivery = { id, webhook: hook.id, project, seq, event: JSON.stringify(event), at, attempts };
  const { received, status } = await sendDelivery(ports, hook, delivery, nextAt, signal);
  if (received) return { received, progress: { seq, attempts: 0, nextAt: 0 } };
  if (signal.aborted) return { received, progress: {} };
  const enabled = nextAt !== null && status !== 410;
  return { received, progress: { attempts, nextAt: nextAt ?? 0, enabled } };
}

/** Tells one webhook of all that is new, in order, until it fails, another takes over, or the service ends. */
async function tell(
  ports: Pick<Ports, "graph" | "newId" | "now" | "webhooks">,
  id: string,
  head: number,
  signal: AbortSignal,
): Promise<void> {
  const claimed = await telling(ports, id);
  if (!claimed) return;
  const { hook, advance } = claimed;
  let { seq, attempts } = hook;
  while (!signal.aborted && seq < head) {
    const { rows } = await loadEventRows(ports, seq, batch);
    for (const event of rows.filter((row) => isFor(hook, row))) {
      const { received, progress } = await tellOne(ports, { ...hook, attempts }, event, signal);
      if (!received) return void (await advance({ ...progress, leaseUntil: 0 }));
      attempts = 0;
      if (!(await advance({ ...progress, leaseUntil: ports.now() + lease })) || signal.aborted) return;
    }
    // Where nothing is kept any more there is nothing to tell.
    seq = rows.at(-1)?.seq ?? Math.min(seq + batch, head);
    if (!(await advance({ seq, leaseUntil: ports.now() + lease }))) return;
  }
  await advance({ leaseUntil: 0 });
}

/** Forgets deliveries that were remembered long enough. */
function forgetDeliveries({ graph, now }: Pick<Ports, "graph" | "now">, signal: AbortSignal): Promise<number> {
  const params = { before: now() - remembered, limit: batch };
  const forget = async () => (await graph.write((tx) => tx.run(expireDeliveries, params)))[0]?.forgotten ?? 0;
  return repeatWhileFull(batch, forget, signal);
}

/** The job that deletes old deliveries. */
export function expireDeliveriesJob(ports: Pick<Ports, "graph" | "now">): Job {
  return { name: "expire-deliveries", everyMs: hour, run: (signal) => forgetDeliveries(ports, signal) };
}

/**
 * The job that delivers events to webhooks: in order to each, to several at once. `onError` is called with failures inside the service; the
 * next turn tries again.
 */
export function deliverWebhooksJob(
  ports: Pick<Ports, "graph" | "newId" | "now" | "webhooks">,
  tail: EventTail,
  onError: (error: unknown) => void,
): Job {
  const busy = new Map<string, Promise<void>>();
  const begin = (id: string, head: number, signal: AbortSignal) => {
    const work = tell(ports, id, head, signal).catch(onError);
    busy.set(
      id,
      work.finally(() => busy.delete(id)),
    );
  };
  const run = async (signal: AbortSignal) => {
    const head = tail.head();
    const due = await ports.graph.read(dueWebhooks, { head, now: ports.now(), limit: atOnce });
    for (const { id } of due) if (!busy.has(id) && busy.size < atOnce && !signal.aborted) begin(id, head, signal);
  };
  const finish = () => Promise.all(busy.values());
  return { name: "deliver-webhooks", everyMs: every, run, onWake: tail.onNew, finish };
}
