import type { Comparison } from "../../model/compare.ts";
import type { RequestContext } from "../core/context.ts";
import { findExecutions } from "../recording/executions.ts";
import { toRunValues } from "./comparable-values.ts";
import { toComparison, validateCount } from "./comparison.ts";

/** 1 to 200 runs by id side by side; all must be readable, an unknown one is `NOT_FOUND`. */
export async function compareRuns(context: RequestContext, of: string[]): Promise<Comparison> {
  validateCount(of, "runs");
  const asked = of.map((id, i) => ({ id, field: `of[${i}]`, label: "Run", action: "project:read" }) as const);
  const found = await findExecutions(context.ports.graph.read, context.actor, asked);
  const rows = of.flatMap((id) => found.get(id)?.execution ?? []);
  return toComparison(rows.map(toRunValues));
}
