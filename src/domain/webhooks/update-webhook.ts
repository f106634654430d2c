import type { UpdateWebhookInput, Webhook } from "../../model/webhook.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { toWebhook } from "../core/webhook-row.ts";
import { loadManagedWebhook, type Row, toTypesJson, validateUrl } from "./webhook-input.ts";

const changeRow = statement<{ id: string; changes: Value }, Row>("update-webhook");

/** Changes a webhook; what is left out stays. Switched on, it is told of what it missed. */
export async function updateWebhook(
  context: RequestContext<"eventLog">,
  input: UpdateWebhookInput,
): Promise<{ webhook: Webhook }> {
  const { id } = await loadManagedWebhook(context, input.id);
  const changes = {
    ...(typeof input.url === "string" && { url: await validateUrl(context.ports, input.url) }),
    ...(input.types && { types: toTypesJson(input.types) }),
    ...(typeof input.enabled === "boolean" && { enabled: input.enabled }),
    ...(input.enabled && { attempts: 0, nextAt: 0 }),
  };
  const [row] = await context.ports.graph.write((tx) => tx.run(changeRow, { id, changes }));
  if (!row) throw notFound(`webhook ${id} does not exist`);
  context.services.eventLog.notify();
  return { webhook: toWebhook(row.webhook) };
}
