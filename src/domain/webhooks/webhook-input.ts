import type { EventType } from "../../model/event.ts";
import type { Webhook } from "../../model/webhook.ts";
import { AddressRefused } from "../../ports/webhook-sender.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadWebhook } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import type { WebhookRow } from "../core/webhook-row.ts";

export type Row = { webhook: WebhookRow };

const longestUrl = 2_048;

export async function validateUrl(ports: Pick<Ports, "webhooks">, text: string): Promise<string> {
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

export function toTypesJson(types: readonly EventType[]): string {
  return JSON.stringify([...new Set(types)]);
}

export async function loadManagedWebhook(context: RequestContext, id: string): Promise<Webhook> {
  const webhook = await loadWebhook(context.ports, id);
  authorize(context.actor, "webhook:manage", webhook.projectName);
  return webhook;
}
