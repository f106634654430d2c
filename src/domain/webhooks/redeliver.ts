import type { IdInput } from "../../model/node.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import type { WebhookRow } from "../core/webhook-row.ts";
import { type DeliveryRow, sendDelivery } from "./deliver-webhooks.ts";

const findDelivery = statement<{ id: string }, { delivery: DeliveryRow; webhook: WebhookRow }>("find-delivery");

/** Sends a delivery once more, at once; what comes of it stands in the delivery. */
export async function redeliver(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const [row] = await context.ports.graph.read(findDelivery, { id });
  if (!row) throw notFound(`delivery ${id} does not exist`);
  authorize(context.actor, "webhook:manage", row.webhook.project);
  const { delivery, webhook } = row;
  const again = { ...delivery, attempts: delivery.attempts + 1 };
  await sendDelivery(context.ports, webhook, again, delivery.nextAttemptAt ?? null, new AbortController().signal);
  return { id };
}
