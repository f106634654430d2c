import * as v from "valibot";
import type { Job } from "../../lib/job.ts";
import { createSlots } from "../../lib/slots.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { type WebhookRow, webhookRow } from "../core/webhook-row.ts";
import type { EventTail } from "../events/event-log.ts";
import type { EventRow } from "../events/event-row.ts";
import { loadEventRows } from "../events/load-events.ts";
import { sendDelivery } from "./send-delivery.ts";

/** How far deliveries to a webhook are, and whether they go on; only what changes is given. Times are in milliseconds since 1970. */
const progressRow = v.partial(
  v.object({
    /** The last event that is done with. */
    seq: v.number(),
    /** How often the next event was sent in vain, and when it is due again. */
    attempts: v.number(),
    nextAt: v.number(),
    enabled: v.boolean(),
    /** When the claim on the webhook ends. */
    leaseUntil: v.number(),
  }),
);
type Progress = v.InferOutput<typeof progressRow>;

const claimedRow = v.object({ ...webhookRow.entries, seq: v.number(), attempts: v.number() });
type ClaimedWebhook = v.InferOutput<typeof claimedRow>;

const findDueWebhooks = statement({
  name: "find-due-webhooks",
  params: { head: v.number(), now: v.number(), limit: v.number() },
  row: { id: v.string(), project: v.string(), url: v.string() },
});
const claimWebhook = statement({
  name: "claim-webhook",
  params: { id: v.string(), by: v.string(), now: v.number(), leaseUntil: v.number() },
  row: { webhook: claimedRow },
});
const advanceWebhook = statement({
  name: "advance-webhook",
  params: { id: v.string(), by: v.string(), progress: progressRow },
  row: { id: v.string() },
});

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
/** The delays before an event that was not received is sent again: after the first attempt, the second, ... After the last the webhook is disabled. */
const retryDelaysMs = [5 * second, 30 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 8 * hour, 10 * hour];
/** How long a claim lasts unless it is renewed: longer than a receiver may take to answer. */
const leaseMs = 60 * second;
const checkEveryMs = second;
const eventsPerRead = 500;
/**
 * How many webhooks get their events at the same time: in all, and of one project and on one host, so that receivers that don't answer don't hold up
 * others; and how many due ones are looked at in a turn.
 */
const limits = { places: { max: 64, maxPerKey: 8 }, due: 2_000 };
/** The status with which a receiver unsubscribes. */
const HTTP_GONE = 410;

type DeliveryPorts = Pick<Ports, "graph" | "newId" | "now" | "webhooks">;

/** Claims a due webhook for this process. Null when another process was faster. `advance` resolves with false once the claim was lost. */
async function claim(ports: Pick<Ports, "graph" | "newId" | "now">, id: string) {
  const by = ports.newId();
  const now = ports.now();
  const [row] = await ports.graph.write((tx) => tx.run(claimWebhook, { id, by, now, leaseUntil: now + leaseMs }));
  if (!row) return null;
  const advance = async (progress: Progress): Promise<boolean> =>
    (await ports.graph.write((tx) => tx.run(advanceWebhook, { id, by, progress }))).length > 0;
  return { webhook: row.webhook, advance };
}

/** Whether a webhook subscribes to an event: one of its project and, if it has types, of one of these. */
function createSubscriptionCheck({ project, types: json }: WebhookRow): (event: EventRow) => boolean {
  const types: string[] = JSON.parse(json);
  return (event) => event.project === project && (!types.length || types.includes(event.type));
}

/** Sends one event to a webhook, and returns the progress to store. A receiver that answers 410 disables the webhook. */
async function deliverEvent(
  ports: DeliveryPorts,
  webhook: ClaimedWebhook,
  event: EventRow,
  signal: AbortSignal,
): Promise<{ received: boolean; progress: Progress }> {
  const at = ports.now();
  const { project, seq } = event;
  const attempts = webhook.attempts + 1;
  const delayMs = retryDelaysMs[attempts - 1];
  const nextAt = delayMs === undefined ? null : at + delayMs;
  const delivery = {
    id: `${webhook.id}.${seq}`,
    webhook: webhook.id,
    project,
    seq,
    event: JSON.stringify(event),
    at,
    attempts,
    status: null,
    error: null,
    deliveredAt: null,
    nextAttemptAt: null,
  };
  const { received, status } = await sendDelivery(ports, webhook, delivery, nextAt, signal);
  if (received) return { received, progress: { seq, attempts: 0, nextAt: 0 } };
  if (signal.aborted) return { received, progress: {} };
  const enabled = nextAt !== null && status !== HTTP_GONE;
  return { received, progress: { attempts, nextAt: nextAt ?? 0, enabled } };
}

/** Delivers the events up to `head` to one webhook, in order, until one is not received, another process takes over, or the service stops. */
async function deliverTo(ports: DeliveryPorts, id: string, head: number, signal: AbortSignal): Promise<void> {
  const claimed = await claim(ports, id);
  if (!claimed) return;
  const { webhook, advance } = claimed;
  const isSubscribed = createSubscriptionCheck(webhook);
  let { seq, attempts } = webhook;
  while (!signal.aborted && seq < head) {
    const { rows } = await loadEventRows(ports, seq, eventsPerRead);
    for (const event of rows.filter(isSubscribed)) {
      const { received, progress } = await deliverEvent(ports, { ...webhook, attempts }, event, signal);
      if (!received) return void (await advance({ ...progress, leaseUntil: 0 }));
      attempts = 0;
      if (!(await advance({ ...progress, leaseUntil: ports.now() + leaseMs })) || signal.aborted) return;
    }
    // Without rows the log no longer keeps these events, and they are skipped.
    seq = rows.at(-1)?.seq ?? Math.min(seq + eventsPerRead, head);
    if (!(await advance({ seq, leaseUntil: ports.now() + leaseMs }))) return;
  }
  await advance({ leaseUntil: 0 });
}

type DueWebhook = { id: string; project: string; url: string };

/** Creates the places of webhooks that get their events. A webhook takes one of its project and one of its host; null when none is free. */
function createPlaces(): (webhook: DueWebhook) => (() => void) | null {
  const [ofProjects, ofHosts] = [createSlots(limits.places), createSlots(limits.places)];
  return ({ project, url }) => {
    const leaveProject = ofProjects(project);
    const leaveHost = leaveProject && ofHosts(new URL(url).host);
    if (!leaveHost) leaveProject?.();
    return (
      leaveHost &&
      (() => {
        leaveProject();
        leaveHost();
      })
    );
  };
}

/**
 * The job that delivers events to webhooks: in order to each webhook, to several at the same time. `onError` is called with internal failures;
 * the next turn tries again.
 */
export function deliverWebhooksJob(ports: DeliveryPorts, tail: EventTail, onError: (error: unknown) => void): Job {
  const running = new Map<string, Promise<void>>();
  const takePlace = createPlaces();
  const start = (webhook: DueWebhook, head: number, signal: AbortSignal) => {
    const leave = takePlace(webhook);
    if (!leave) return;
    const { id } = webhook;
    const work = deliverTo(ports, id, head, signal).catch(onError);
    running.set(
      id,
      work.finally(() => {
        running.delete(id);
        leave();
      }),
    );
  };
  const run = async (signal: AbortSignal) => {
    const head = tail.head();
    const due = await ports.graph.read(findDueWebhooks, { head, now: ports.now(), limit: limits.due });
    for (const webhook of due) if (!running.has(webhook.id) && !signal.aborted) start(webhook, head, signal);
  };
  const finish = () => Promise.all(running.values());
  return { name: "deliver-webhooks", everyMs: checkEveryMs, run, onWake: tail.onNew, finish };
}
