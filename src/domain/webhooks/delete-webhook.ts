import type { IdInput } from "../../model/node.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadManagedWebhook } from "./webhook-input.ts";

const deleteRow = statement<{ id: string }, never>("delete-webhook");

const deleteDeliveries = statement<{ id: string }, never>("delete-deliveries");

/** Deletes a webhook with what it was told. */
export async function deleteWebhook(context: RequestContext, input: IdInput): Promise<{ id: string }> {
  const { id } = await loadManagedWebhook(context, input.id);
  await context.ports.graph.write(async (tx) => {
    tx.send(deleteRow, { id });
    tx.send(deleteDeliveries, { id });
  });
  return { id };
}
