import * as v from "valibot";
import type { IdInput } from "../../model/node.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadManagedWebhook } from "./webhook-input.ts";

const deleteWebhookStatement = statement({ name: "delete-webhook", params: { id: v.string() }, row: {} });
const deleteDeliveries = statement({ name: "delete-deliveries", params: { id: v.string() }, row: {} });

/** Deletes a webhook and its deliveries. `NOT_FOUND` when there is none with this id. */
export async function deleteWebhook(context: RequestContext, input: IdInput): Promise<{ id: string }> {
  const { id } = await loadManagedWebhook(context, input.id);
  await context.ports.graph.write(async (tx) => {
    tx.send(deleteWebhookStatement, { id });
    tx.send(deleteDeliveries, { id });
  });
  return { id };
}
