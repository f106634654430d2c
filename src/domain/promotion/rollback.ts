import type { RollbackInput } from "../../model/promotion.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/lock-artifact.ts";
import { findFormerHolder } from "./former-holders.ts";
import { findOccupancy, planMoves } from "./moves.ts";
import { assertExpectedHolder, type Promoted, recordPromotion } from "./record-promotion.ts";
import { authorizeStages, getStage, lockStages } from "./stages.ts";

/**
 * Gives an exclusive stage back to its holder before the present one, or the last one when nobody holds it: step by step, deleted ones
 * skipped, no gates. `NOT_FOUND` when there was nobody before.
 */
export async function rollback(context: RequestContext<"eventLog">, input: RollbackInput): Promise<Promoted> {
  const { project } = input;
  const name = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  authorize(context.actor, "version:promote", project);
  const key = artifactKey(project, input.name);
  const { result } = await runIdempotent(context, async (tx) => {
    const stages = await lockStages(context.ports, tx, project);
    const { at } = await lockArtifact(context.ports, tx, key);
    const stage = getStage(stages, name);
    if (!stage.exclusive) throw invalid("stage", `${name} is not exclusive: it has no holder to go back from`);
    const present = (await findOccupancy(tx.run, stages, key, null)).holders.get(name)?.version ?? null;
    const row = await findFormerHolder(tx.run, key, name, present);
    const standing = await findOccupancy(tx.run, stages, key, row?.id ?? null);
    authorizeStages(context.actor, project, [stage, stages.get(standing.own?.stage ?? "")]);
    await assertExpectedHolder(context.actor, tx.run, stage, standing, input.expectedCurrent);
    if (!row) throw notFound(`stage "${name}" of ${key} has no former holder to go back to`);
    const moves = planMoves(stages, standing, row, name);
    const action = { kind: "ROLLED_BACK" as const, stage: name, previous: present, reason, moves };
    return recordPromotion(context, tx, { row, stages, at }, action);
  });
  return result;
}
