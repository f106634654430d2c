import * as v from "valibot";
import { PromotionKind } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { type VersionRow, versionRow } from "../core/version-row.ts";

/** A version that came into a stage: moved by the action itself (`own`), or displaced from another stage by it. */
const arrivalRow = v.object({ kind: v.enum(PromotionKind), own: v.boolean(), version: versionRow });
type Arrival = v.InferOutput<typeof arrivalRow>;

const findStageArrivals = statement({
  name: "stage-arrivals",
  params: { artifactKey: v.string(), stage: v.string() },
  row: arrivalRow.entries,
});

/** The holders of a stage as a stack: each arrival is pushed, and a rollback pops everything above the version that it went back to. */
function toHolderStack(arrivals: Arrival[]): VersionRow[] {
  const stack: VersionRow[] = [];
  for (const { kind, own, version } of arrivals) {
    if (kind === "ROLLED_BACK" && own) {
      while (stack.length && stack.at(-1)?.id !== version.id) stack.pop();
    } else stack.push(version);
  }
  return stack;
}

/**
 * The version that held a stage of an artifact before `current` (the id of its holder, null when nobody holds it) and has not been deleted;
 * null when there is none.
 */
export async function findFormerHolder(
  run: Transaction["run"],
  artifactKey: string,
  stage: string,
  current: string | null,
): Promise<VersionRow | null> {
  const stack = toHolderStack(await run(findStageArrivals, { artifactKey, stage }));
  return stack.reverse().find(({ id, state }) => id !== current && state === "READY") ?? null;
}
