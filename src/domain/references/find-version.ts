import type { Version } from "../../model/version.ts";
import { validateAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { toVersion } from "../core/version-row.ts";
import { findCandidates, selectMatch, toResolvable } from "./resolve-reference.ts";

/** The version that one reference names, now or as of a time that is not in the future; refused as `resolveReferences` does. */
export async function findVersion(
  context: RequestContext<"lookups">,
  text: string,
  asked?: number | null,
): Promise<Version> {
  const asOf = validateAsOf(context.ports, asked);
  const sought = toResolvable(context.actor, { text, field: "ref" });
  const candidates =
    asOf === null
      ? await context.services.lookups.versions(sought)
      : (await findCandidates(context.ports.graph.read, [sought], asOf))(sought);
  return toVersion(selectMatch(context.actor, sought, candidates, asOf));
}
