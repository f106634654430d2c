import * as v from "valibot";
import type { EventType } from "../../model/event.ts";
import { Webhook } from "../../model/webhook.ts";
import type { AsOf } from "./as-of.ts";
import { type FieldsOf, parseJson } from "./row-values.ts";

/** The properties of a webhook node; `types` is a JSON list of event types, empty for all. */
export const webhookRow = v.object({
  id: v.string(),
  project: v.string(),
  url: v.string(),
  secret: v.string(),
  types: v.string(),
  enabled: v.boolean(),
});
export type WebhookRow = v.InferOutput<typeof webhookRow> & { asOf?: AsOf };

/** Maps a row to a webhook, without its secret. */
export function toWebhook({ id, project, url, types, enabled, asOf = null }: WebhookRow): Webhook {
  const fields: FieldsOf<Webhook> = {
    id,
    asOf,
    url,
    enabled,
    projectName: project,
    types: parseJson<EventType[]>(types) ?? [],
  };
  return Object.assign(new Webhook(), fields);
}
