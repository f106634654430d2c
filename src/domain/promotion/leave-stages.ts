import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { VersionRow } from "../core/version-row.ts";
import { recordDepartures } from "./moves.ts";

/** A version that is about to be deleted at a time by its artifact's clock, and the stage that it is in. */
interface VersionLeaving {
  row: VersionRow;
  at: number;
  stage: string | null;
}

/** Takes versions that are deleted out of their stages; the history keeps who held them, and until when. Gives the events that tell of it. */
export async function leaveStages(
  context: RequestContext,
  run: Transaction["run"],
  versions: VersionLeaving[],
): Promise<NewEvent[]> {
  const leaving = versions.flatMap(({ row, at, stage }, i) => {
    if (stage === null) return [];
    const id = context.ports.newId();
    const { project, artifactKey } = row;
    const what = {
      id,
      kind: "DEMOTED" as const,
      version: row.id,
      stage,
      from: stage,
      previous: null,
      forced: false,
      gates: "[]",
    };
    const by = { actor: context.actor.name, reason: "the version was deleted", at, rank: orderingKey(at, i, id) };
    return [{ row, promotion: { ...what, project, artifactKey, ...by } }];
  });
  await recordDepartures(run, leaving);
  return leaving.map(({ row, promotion }): NewEvent => {
    const { id, at, project, artifactKey, stage } = promotion;
    const about = { at, project, artifactKey, kind: row.kind, version: row.id };
    return { ...about, type: "VERSION_DEMOTED", stage, promotion: id };
  });
}
