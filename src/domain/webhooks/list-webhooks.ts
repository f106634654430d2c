import * as v from "valibot";
import type { Webhook } from "../../model/webhook.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { authorize } from "../core/permissions.ts";
import { toWebhook, webhookRow } from "../core/webhook-row.ts";

const findWebhooks = statement({
  name: "find-webhooks",
  params: { project: v.string() },
  row: { webhook: webhookRow },
});

/** The webhooks of a project, oldest first. */
export async function listWebhooks(context: RequestContext, project: string): Promise<Webhook[]> {
  authorize(context.actor, "webhook:manage", project);
  return (await context.ports.graph.read(findWebhooks, { project })).map(({ webhook }) => toWebhook(webhook));
}
