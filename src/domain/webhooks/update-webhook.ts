import * as v from "valibot";
import type { UpdateWebhookInput, Webhook } from "../../model/webhook.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { toWebhook, webhookRow } from "../core/webhook-row.ts";
import { loadManagedWebhook, toTypesJson, validateUrl } from "./webhook-input.ts";

const updateWebhookStatement = statement({
  name: "update-webhook",
  params: {
    id: v.string(),
    changes: v.partial(
      v.object({
        url: v.string(),
        types: v.string(),
        enabled: v.boolean(),
        attempts: v.number(),
        nextAt: v.number(),
      }),
    ),
  },
  row: { webhook: webhookRow },
});

/**
 * Changes a webhook; omitted properties stay. Once it is enabled again it gets the events that it missed. `NOT_FOUND` when there is none with
 * this id.
 */
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
  const [row] = await context.ports.graph.write((tx) => tx.run(updateWebhookStatement, { id, changes }));
  if (!row) throw notFound(`webhook ${id} does not exist`);
  context.services.eventLog.notify();
  return { webhook: toWebhook(row.webhook) };
}
