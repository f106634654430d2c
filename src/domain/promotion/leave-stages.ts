import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { PromotionRow } from "../core/promotion-row.ts";
import type { VersionRow } from "../core/version-row.ts";
import { recordDepartures } from "./moves.ts";

/** A version that is deleted at a time by its artifact's clock (in milliseconds), and the stage that it is in. */
interface VersionLeaving {
  row: VersionRow;
  at: number;
  stage: string | null;
}

/**
 * Takes versions that are being deleted out of their stages, and returns the events of that. The history keeps which stage they held until when.
 * Their artifacts are locked.
 */
export async function leaveStages(
  context: RequestContext,
  run: Transaction["run"],
  versions: VersionLeaving[],
): Promise<NewEvent[]> {
  const departures = versions.flatMap(({ row, at, stage }, i) => {
    if (stage === null) return [];
    const id = context.ports.newId();
    const promotion: PromotionRow = {
      id,
      kind: "DEMOTED",
      project: row.project,
      artifactKey: row.artifactKey,
      version: row.id,
      stage,
      from: stage,
      previous: null,
      actor: context.actor.name,
      reason: "the version was deleted",
      forced: false,
      gates: "[]",
      rules: null,
      at,
      rank: orderingKey(at, i, id),
    };
    return [{ row, promotion }];
  });
  await recordDepartures(run, departures);
  return departures.map(({ row, promotion }): NewEvent => {
    const { id, at, project, artifactKey, version, stage } = promotion;
    return { type: "VERSION_DEMOTED", at, project, artifactKey, kind: row.kind, version, stage, promotion: id };
  });
}
