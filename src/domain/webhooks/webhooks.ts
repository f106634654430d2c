import { randomBytes } from "node:crypto";
import type { EventType } from "../../model/event.ts";
import type { IdInput } from "../../model/node.ts";
import type { CreateWebhookInput, UpdateWebhookInput, Webhook } from "../../model/webhook.ts";
import { statement, type Value } from "../../ports/statement.ts";
import { AddressRefused } from "../../ports/webhook-sender.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadWebhook } from "../core/entities.ts";
import { invalid, notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { toWebhook, type WebhookRow } from "../core/rows.ts";
import { validateProjectName } from "../core/validation.ts";
import { type DeliveryRow, send } from "./webhook-deliveries.ts";

type Row = { webhook: WebhookRow };
const createRow = statement<{ id: string; properties: Value }, Row>("create-webhook");
const changeRow = statement<{ id: string; changes: Value }, Row>("change-webhook");
const deleteRow = statement<{ id: string }, never>("delete-webhook");
const deleteDeliveries = statement<{ id: string }, never>("delete-deliveries");
const ofProject = statement<{ project: string }, Row>("webhooks-of-project");
const findDelivery = statement<{ id: string }, { delivery: DeliveryRow; webhook: WebhookRow }>("find-delivery");

const longestUrl = 2_048;

async function checkUrl(ports: Pick<Ports, "webhooks">, text: string): Promise<string> {
  const url = URL.canParse(text) && text.length <= longestUrl ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid("url", `an address with https:// or http:// of at most ${longestUrl} characters`);
  if (url.username || url.password) throw invalid("url", "no user or password: events are signed with the secret");
  try {
    await ports.webhooks.check(url.href);
  } catch (error) {
    if (error instanceof AddressRefused) throw invalid("url", error.message);
    throw error;
  }
  return url.href;
}

function checkSecret(secret: string): string {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? "";
  const { length } = Buffer.from(base64, "base64");
  if (length < 24 || length > 64) throw invalid("secret", "whsec_ and 24 to 64 bytes in base64");
  return secret;
}

function typesText(types: readonly EventType[]): string {
  return JSON.stringify([...new Set(types)]);
}

/** The webhooks of a project, oldest first. */
export async function listWebhooks(context: RequestContext, project: string): Promise<Webhook[]> {
  authorize(context.actor, "webhook:manage", project);
  return (await context.ports.graph.read(ofProject, { project })).map(({ webhook }) => toWebhook(webhook));
}

/** Creates a webhook; the answer is the only one that shows its secret. */
export async function createWebhook(
  context: RequestContext<"eventLog" | "lookups">,
  input: CreateWebhookInput,
): Promise<{ webhook: Webhook; secret: string }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "webhook:manage", project);
  const url = await checkUrl(context.ports, input.url);
  const secret = input.secret ? checkSecret(input.secret) : `whsec_${randomBytes(32).toString("base64")}`;
  const known = await context.services.lookups.projects(project);
  if (!known) throw notFound(`project ${project}`);
  // What was done before is not for it, also when that has no number yet.
  await context.services.eventLog.flush();
  const id = context.ports.newId();
  const properties = {
    ...{ id, project, url, secret, types: typesText(input.types ?? []), enabled: true },
    ...{ createdAt: context.ports.now(), attempts: 0, nextAt: 0, lease: "", leaseUntil: 0 },
  };
  const [row] = await context.ports.graph.write((tx) => tx.run(createRow, { id, properties }));
  if (!row) throw new Error("no row of the new webhook");
  return { webhook: toWebhook(row.webhook), secret };
}

async function find(context: RequestContext, id: string): Promise<Webhook> {
  const webhook = await loadWebhook(context.ports, id);
  authorize(context.actor, "webhook:manage", webhook.projectName);
  return webhook;
}

/** Changes a webhook; what is left out stays. Switched on, it is told of what it missed. */
export async function updateWebhook(
  context: RequestContext<"eventLog">,
  input: UpdateWebhookInput,
): Promise<{ webhook: Webhook }> {
  const { id } = await find(context, input.id);
  const changes = {
    ...(typeof input.url === "string" && { url: await checkUrl(context.ports, input.url) }),
    ...(input.types && { types: typesText(input.types) }),
    ...(typeof input.enabled === "boolean" && { enabled: input.enabled }),
    ...(input.enabled && { attempts: 0, nextAt: 0 }),
  };
  const [row] = await context.ports.graph.write((tx) => tx.run(changeRow, { id, changes }));
  if (!row) throw notFound(`webhook ${id}`);
  context.services.eventLog.notify();
  return { webhook: toWebhook(row.webhook) };
}

/** Deletes a webhook with what it was told. */
export async function deleteWebhook(context: RequestContext, input: IdInput): Promise<{ id: string }> {
  const { id } = await find(context, input.id);
  await context.ports.graph.write(async (tx) => {
    tx.send(deleteRow, { id });
    tx.send(deleteDeliveries, { id });
  });
  return { id };
}

/** Sends a delivery once more, at once; what comes of it stands in the delivery. */
export async function redeliver(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const [row] = await context.ports.graph.read(findDelivery, { id });
  if (!row) throw notFound(`delivery ${id}`);
  authorize(context.actor, "webhook:manage", row.webhook.project);
  const { delivery, webhook } = row;
  const again = { ...delivery, attempts: delivery.attempts + 1 };
  await send(context.ports, webhook, again, delivery.nextAttemptAt ?? null, new AbortController().signal);
  return { id };
}
