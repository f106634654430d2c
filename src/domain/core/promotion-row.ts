import * as v from "valibot";
import type { GateResult } from "../../model/gate.ts";
import { Promotion, PromotionKind } from "../../model/promotion.ts";
import type { StageRules } from "../../model/stage.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import { type FieldsOf, parseJson } from "./row-values.ts";

/** The properties of a promotion node: one entry in the history of stages. */
export const promotionRow = v.object({
  id: v.string(),
  kind: v.enum(PromotionKind),
  project: v.string(),
  artifactKey: v.string(),
  version: v.string(),
  stage: v.string(),
  from: nullable(v.string()),
  previous: nullable(v.string()),
  actor: v.string(),
  reason: nullable(v.string()),
  forced: v.boolean(),
  /** The results of the gates, as JSON. */
  gates: v.string(),
  /** The rules of the stage by which it was judged, as JSON; null for moves that no rules apply to. */
  rules: nullable(v.string()),
  at: v.number(),
  /** The order among the promotions of an artifact (see `orderingKey`). */
  rank: v.string(),
});
export type PromotionRow = v.InferOutput<typeof promotionRow> & { asOf?: AsOf };

/** Maps a row to a promotion. */
export function toPromotion(row: PromotionRow): Promotion {
  const fields: FieldsOf<Promotion> = {
    id: row.id,
    asOf: row.asOf ?? null,
    kind: row.kind,
    projectName: row.project,
    stage: row.stage,
    versionId: row.version,
    previousId: row.previous,
    from: row.from,
    actor: row.actor,
    reason: row.reason,
    forced: row.forced,
    at: row.at,
    rules: parseJson<StageRules>(row.rules),
    gates: parseJson<GateResult[]>(row.gates) ?? [],
  };
  return Object.assign(new Promotion(), fields);
}
