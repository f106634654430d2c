import type { PromotionKind } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { VersionRow } from "../core/version-row.ts";

/** Who came into a stage: by an action of its own (`own`), or displaced from another stage. */
type Arrival = { kind: PromotionKind; own: boolean; version: VersionRow };
const arrivals = statement<{ artifactKey: string; stage: string }, Arrival>("stage-arrivals");

/** The holders of a stage as a stack: each arrival goes on top, and a rollback takes off what lies above the one it went back to. */
function stackOf(rows: Arrival[]): VersionRow[] {
  const stack: VersionRow[] = [];
  for (const { kind, own, version } of rows) {
    if (kind === "ROLLED_BACK" && own) {
      // It went back from the top, which is gone even where it is the same version.
      while (stack.length && stack.at(-1)?.id !== version.id) stack.pop();
    } else stack.push(version);
  }
  return stack;
}

/** Who held a stage of an artifact before `present` does (or last, when nobody does), and is still there; null when nobody did. */
export async function findFormerHolder(
  run: Transaction["run"],
  artifactKey: string,
  stage: string,
  present: string | null,
): Promise<VersionRow | null> {
  const stack = stackOf(await run(arrivals, { artifactKey, stage }));
  return stack.reverse().find(({ id, state }) => id !== present && state === "READY") ?? null;
}
