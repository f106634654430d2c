import type { DemoteInput } from "../../model/promotion.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { findOccupancy } from "./moves.ts";
import { lockVersionToMove, type PromotionResult, recordPromotion } from "./record-promotion.ts";
import { authorizeStages, getStage } from "./stages.ts";

/** Takes a version out of a stage, into none; `CONFLICT` when it isn't in it. */
export async function demote(context: RequestContext<"eventLog">, input: DemoteInput): Promise<PromotionResult> {
  const name = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockVersionToMove(context, tx, input.version, null);
    const { row, stages } = locked;
    const stage = getStage(stages, name);
    authorizeStages(context.actor, row.project, [stage]);
    const { own } = await findOccupancy(tx.run, stages, row.artifactKey, row.id);
    if (own?.stage !== name) {
      const actual = own?.stage ?? null;
      throw new DomainError("CONFLICT", `${row.key} is in ${actual ?? "no stage"}, not ${name}`, {
        expected: name,
        actual,
      });
    }
    const moves = [{ version: row.id, number: row.number, from: name, to: null }];
    return recordPromotion(context, tx, locked, { kind: "DEMOTED", stage: name, previous: null, reason, moves });
  });
  return result;
}
