import type { DemoteInput } from "../../model/promotion.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { findOccupancy } from "./moves.ts";
import { lockVersionToMove, type PromotionResult, recordPromotion } from "./record-promotion.ts";
import { authorizeStages, getStage } from "./stages.ts";

/** Takes a version out of a stage, so that it is in none. `CONFLICT` when it is not in that stage, `GONE` for a deleted version. */
export async function demote(context: RequestContext<"eventLog">, input: DemoteInput): Promise<PromotionResult> {
  const stage = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockVersionToMove(context, tx, input.version, null);
    const { row, stages } = locked;
    authorizeStages(context.actor, row.project, [getStage(stages, stage)]);
    const { own } = await findOccupancy(tx.run, stages, row.artifactKey, row.id);
    if (own?.stage !== stage) {
      const actual = own?.stage ?? null;
      const message = `version ${row.key} is in ${actual ? `stage "${actual}"` : "no stage"}, not in stage "${stage}"`;
      throw new DomainError("CONFLICT", message, { expected: stage, actual });
    }
    const moves = [{ version: row.id, number: row.number, from: stage, to: null }];
    return recordPromotion(context, tx, locked, { kind: "DEMOTED", stage, previous: null, reason, moves });
  });
  return result;
}
