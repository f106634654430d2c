import { createHmac } from "node:crypto";
import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import { Delivery } from "../../model/webhook.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import type { FieldsOf } from "../core/row-values.ts";
import type { WebhookRow } from "../core/webhook-row.ts";
import type { EventRow } from "../events/event-row.ts";
import { toCursor, toEvent } from "../events/load-events.ts";
import { defineRelation } from "../query/connections.ts";

/** The properties of a delivery node: one event on its way to one webhook. Times are in milliseconds since 1970. */
export const deliveryRow = v.object({
  id: v.string(),
  webhook: v.string(),
  project: v.string(),
  seq: v.number(),
  /** The event's row, as JSON. */
  event: v.string(),
  at: v.number(),
  attempts: v.number(),
  status: nullable(v.number()),
  error: nullable(v.string()),
  deliveredAt: nullable(v.number()),
  nextAttemptAt: nullable(v.number()),
});
type DeliveryRow = v.InferOutput<typeof deliveryRow>;

/** The HTTP status of the answer, null when there was none; `received` says whether it was a success. */
interface SendResult {
  received: boolean;
  status: number | null;
}

const recordDelivery = statement({
  name: "record-delivery",
  params: { id: v.string(), properties: deliveryRow },
  row: { id: v.string() },
});

function parseEvent(json: string): EventRow {
  return JSON.parse(json);
}

function toDelivery(item: DeliveryRow): Delivery {
  const fields: FieldsOf<Delivery> = {
    id: item.id,
    event: toEvent(parseEvent(item.event)),
    attempts: item.attempts,
    status: item.status,
    error: item.error,
    deliveredAt: item.deliveredAt,
    nextAttemptAt: item.nextAttemptAt,
  };
  return Object.assign(new Delivery(), fields);
}

/** The deliveries to a webhook, newest first, by its id. */
export const deliveries = defineRelation("deliveries", deliveryRow, ({ item }) => toDelivery(item), {
  newestFirst: true,
});

/** The headers of a body, with the signature of Standard Webhooks: HMAC-SHA256 of id, timestamp (in seconds) and body. */
function toHeaders(secret: string, id: string, nowMs: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1_000));
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

/** The JSON that a receiver gets: the type and time as in Standard Webhooks, and the event with the ids of what it is about. */
function toBody(event: EventRow): string {
  const { type, at, artifactKey: artifact, operation: _operation, position: _position, ...rest } = event;
  const timestamp = new Date(at).toISOString();
  const data = { cursor: toCursor(event.seq), ...rest, at: timestamp, artifact };
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => isGiven(value)));
  return JSON.stringify({ type, timestamp, data: given });
}

async function post(
  ports: Pick<Ports, "now" | "webhooks">,
  webhook: WebhookRow,
  delivery: DeliveryRow,
  signal: AbortSignal,
): Promise<SendResult & { error: string | null }> {
  const body = toBody(parseEvent(delivery.event));
  const headers = toHeaders(webhook.secret, delivery.id, ports.now(), body);
  try {
    const status = await ports.webhooks.post(webhook.url, headers, body, signal);
    const received = status >= 200 && status < 300;
    const isRedirect = status >= 300 && status < 400;
    const hint = isRedirect ? "; redirects are not followed" : "";
    return { received, status, error: received ? null : `the receiver answered ${status}${hint}` };
  } catch (error) {
    const message = error instanceof Error ? error.message || error.name : "the receiver did not answer";
    return { received: false, status: null, error: message };
  }
}

/**
 * Sends a delivery and records the result in it. `nextAttemptAt`, in milliseconds, is when it will be sent again unless it is received now; null
 * for never.
 */
export async function sendDelivery(
  ports: Pick<Ports, "graph" | "now" | "webhooks">,
  webhook: WebhookRow,
  delivery: DeliveryRow,
  nextAttemptAt: number | null,
  signal: AbortSignal,
): Promise<SendResult> {
  const { received, status, error } = await post(ports, webhook, delivery, signal);
  const properties = {
    ...delivery,
    status,
    error,
    deliveredAt: received ? ports.now() : delivery.deliveredAt,
    nextAttemptAt: received ? null : nextAttemptAt,
  };
  await ports.graph.write((tx) => tx.run(recordDelivery, { id: delivery.id, properties }));
  return { received, status };
}
