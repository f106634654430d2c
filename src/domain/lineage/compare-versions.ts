import type { Comparison } from "../../model/compare.ts";
import type { RequestContext } from "../core/context.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { findVersionValues } from "./comparable-values.ts";
import { toComparison, validateItemCount } from "./comparison.ts";

/** Compares 1 to 200 versions by reference. Throws `NOT_FOUND` for an unknown version and `FORBIDDEN` for one that the actor may not read. */
export async function compareVersions(context: RequestContext, of: string[]): Promise<Comparison> {
  validateItemCount(of, "versions");
  const references = of.map((text, i) => ({ text, field: `of[${i}]` }));
  const found = await resolveReferences(context.ports.graph.read, context.actor, references);
  const rows = of.flatMap((text) => found.get(text) ?? []);
  return toComparison(await findVersionValues(context, rows));
}
