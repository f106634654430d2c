import type { Comparison } from "../../model/compare.ts";
import type { RequestContext } from "../core/context.ts";
import { findExecutions } from "../recording/executions.ts";
import { toRunValues } from "./comparable-values.ts";
import { toComparison, validateItemCount } from "./comparison.ts";

/** Compares 1 to 200 runs by id. Throws `NOT_FOUND` for an unknown run and `FORBIDDEN` for one that the actor may not read. */
export async function compareRuns(context: RequestContext, of: string[]): Promise<Comparison> {
  validateItemCount(of, "runs");
  const references = of.map((id, i) => ({ id, field: `of[${i}]`, label: "Run", action: "project:read" }) as const);
  const found = await findExecutions(context.ports.graph.read, context.actor, references);
  const rows = of.flatMap((id) => found.get(id)?.execution ?? []);
  return toComparison(rows.map(toRunValues));
}
