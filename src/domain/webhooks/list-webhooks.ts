import type { Webhook } from "../../model/webhook.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { authorize } from "../core/permissions.ts";
import { toWebhook } from "../core/webhook-row.ts";
import type { Row } from "./webhook-input.ts";

const ofProject = statement<{ project: string }, Row>("find-webhooks");

/** The webhooks of a project, oldest first. */
export async function listWebhooks(context: RequestContext, project: string): Promise<Webhook[]> {
  authorize(context.actor, "webhook:manage", project);
  return (await context.ports.graph.read(ofProject, { project })).map(({ webhook }) => toWebhook(webhook));
}
