import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import type { CreateWebhookInput, Webhook } from "../../model/webhook.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName } from "../core/validation.ts";
import { toWebhook, webhookRow } from "../core/webhook-row.ts";
import { toTypesJson, validateUrl } from "./webhook-input.ts";

const createWebhookStatement = statement({
  name: "create-webhook",
  params: {
    id: v.string(),
    properties: v.object({
      ...webhookRow.entries,
      createdAt: v.number(),
      /** How often its next event was sent in vain, and when it is due again. */
      attempts: v.number(),
      nextAt: v.number(),
      /** The claim of the process that delivers to it, and when that ends. */
      lease: v.string(),
      leaseUntil: v.number(),
    }),
  },
  row: { webhook: webhookRow },
});

function validateSecret(secret: string): string {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? "";
  const { length } = Buffer.from(base64, "base64");
  if (length < 24 || length > 64) throw invalid("secret", "must be whsec_ followed by 24 to 64 bytes in base64");
  return secret;
}

/** Creates a webhook, which gets the events from now on. This is the only call that returns its secret. `NOT_FOUND` when there is no such project. */
export async function createWebhook(
  context: RequestContext<"eventLog" | "lookups">,
  input: CreateWebhookInput,
): Promise<{ webhook: Webhook; secret: string }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "webhook:manage", project);
  const url = await validateUrl(context.ports, input.url);
  const secret = isGiven(input.secret) ? validateSecret(input.secret) : `whsec_${randomBytes(32).toString("base64")}`;
  if (!(await context.services.lookups.projects(project))) throw notFound(`project ${project} does not exist`);
  // Earlier events are not for this webhook, even those that have no number yet.
  await context.services.eventLog.flush();
  const id = context.ports.newId();
  const properties = {
    id,
    project,
    url,
    secret,
    types: toTypesJson(input.types ?? []),
    enabled: true,
    createdAt: context.ports.now(),
    attempts: 0,
    nextAt: 0,
    lease: "",
    leaseUntil: 0,
  };
  const [row] = await context.ports.graph.write((tx) => tx.run(createWebhookStatement, { id, properties }));
  if (!row) throw new Error("creating a webhook returned no row");
  return { webhook: toWebhook(row.webhook), secret };
}
