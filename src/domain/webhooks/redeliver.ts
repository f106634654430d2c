import * as v from "valibot";
import type { IdInput } from "../../model/node.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { webhookRow } from "../core/webhook-row.ts";
import { deliveryRow, sendDelivery } from "./send-delivery.ts";

const findDelivery = statement({
  name: "find-delivery",
  params: { id: v.string() },
  row: { delivery: deliveryRow, webhook: webhookRow },
});

/** Sends a delivery again at once, and records the result in it. `NOT_FOUND` when there is none with this id. */
export async function redeliver(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const [row] = await context.ports.graph.read(findDelivery, { id });
  if (!row) throw notFound(`delivery ${id} does not exist`);
  const { delivery, webhook } = row;
  authorize(context.actor, "webhook:manage", webhook.project);
  const next = { ...delivery, attempts: delivery.attempts + 1 };
  await sendDelivery(context.ports, webhook, next, delivery.nextAttemptAt, new AbortController().signal);
  return { id };
}
