import type { EventType } from "../../model/event.ts";
import type { Webhook } from "../../model/webhook.ts";
import { AddressRefused } from "../../ports/webhook-sender.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadWebhook } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";

const maxUrlLength = 2_048;

/** The URL in its normal form. `INVALID_INPUT` unless it is HTTP(S), without credentials, and its host has only allowed addresses. */
export async function validateUrl(ports: Pick<Ports, "webhooks">, text: string): Promise<string> {
  const url = URL.canParse(text) && text.length <= maxUrlLength ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalid("url", `must be an https:// or http:// URL of at most ${maxUrlLength} characters`);
  if (url.username || url.password)
    throw invalid("url", "must not contain a user or password; the webhook's secret signs its events");
  try {
    await ports.webhooks.check(url.href);
  } catch (error) {
    if (error instanceof AddressRefused) throw invalid("url", error.message);
    throw error;
  }
  return url.href;
}

/** The event types of a webhook as they are stored: a JSON list without duplicates. */
export function toTypesJson(types: readonly EventType[]): string {
  return JSON.stringify([...new Set(types)]);
}

/** The webhook with this id. `NOT_FOUND` when there is none, `FORBIDDEN` when the actor may not manage webhooks of its project. */
export async function loadManagedWebhook(context: RequestContext, id: string): Promise<Webhook> {
  const webhook = await loadWebhook(context.ports, id);
  authorize(context.actor, "webhook:manage", webhook.projectName);
  return webhook;
}
