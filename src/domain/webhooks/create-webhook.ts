import { randomBytes } from "node:crypto";
import type { CreateWebhookInput, Webhook } from "../../model/webhook.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName } from "../core/validation.ts";
import { toWebhook } from "../core/webhook-row.ts";
import { type Row, toTypesJson, validateUrl } from "./webhook-input.ts";

const createRow = statement<{ id: string; properties: Value }, Row>("create-webhook");

function checkSecret(secret: string): string {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1] ?? "";
  const { length } = Buffer.from(base64, "base64");
  if (length < 24 || length > 64) throw invalid("secret", "whsec_ and 24 to 64 bytes in base64");
  return secret;
}

/** Creates a webhook; the answer is the only one that shows its secret. */
export async function createWebhook(
  context: RequestContext<"eventLog" | "lookups">,
  input: CreateWebhookInput,
): Promise<{ webhook: Webhook; secret: string }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "webhook:manage", project);
  const url = await validateUrl(context.ports, input.url);
  const secret = input.secret ? checkSecret(input.secret) : `whsec_${randomBytes(32).toString("base64")}`;
  const known = await context.services.lookups.projects(project);
  if (!known) throw notFound(`project ${project} does not exist`);
  // What was done before is not for it, also when that has no number yet.
  await context.services.eventLog.flush();
  const id = context.ports.newId();
  const properties = {
    ...{ id, project, url, secret, types: toTypesJson(input.types ?? []), enabled: true },
    ...{ createdAt: context.ports.now(), attempts: 0, nextAt: 0, lease: "", leaseUntil: 0 },
  };
  const [row] = await context.ports.graph.write((tx) => tx.run(createRow, { id, properties }));
  if (!row) throw new Error("no row of the new webhook");
  return { webhook: toWebhook(row.webhook), secret };
}
