import type { Version } from "../../model/version.ts";
import { validateAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { toVersion } from "../core/version-row.ts";
import { findCandidates, selectMatch, toResolvable } from "./resolve-reference.ts";

/** Finds the version that one reference names, now or as of a time that is not in the future; fails as `resolveReferences` does. */
export async function findVersion(
  context: RequestContext<"lookups">,
  text: string,
  requestedAsOf?: number | null,
): Promise<Version> {
  const asOf = validateAsOf(context.ports, requestedAsOf);
  const reference = toResolvable(context.actor, { text, field: "ref" });
  const candidates =
    asOf === null
      ? await context.services.lookups.versions(reference)
      : (await findCandidates(context.ports.graph.read, [reference], asOf))(reference);
  return toVersion(selectMatch(context.actor, reference, candidates, asOf));
}
