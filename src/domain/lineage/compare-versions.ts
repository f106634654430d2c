import type { Comparison } from "../../model/compare.ts";
import type { RequestContext } from "../core/context.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { findVersionValues } from "./comparable-values.ts";
import { toComparison, validateCount } from "./comparison.ts";

/** 1 to 200 versions side by side; all must be readable. */
export async function compareVersions(context: RequestContext, of: string[]): Promise<Comparison> {
  validateCount(of, "versions");
  const asked = of.map((text, i) => ({ text, field: `of[${i}]` }));
  const found = await resolveReferences(context.ports.graph.read, context.actor, asked);
  const rows = of.flatMap((text) => found.get(text) ?? []);
  return toComparison(await findVersionValues(context, rows));
}
