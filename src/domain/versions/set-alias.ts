import type { SetAliasInput } from "../../model/alias.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { validateSelectorName } from "../core/validation.ts";
import { toVersion } from "../core/version-row.ts";
import { assignSelectors } from "../recording/assign-selectors.ts";
import { lockVersion } from "../recording/locks.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { findAliasHolder } from "./find-alias-holder.ts";

/**
 * Points an alias to a version; in the same transaction its former holder loses it. `CONFLICT` when `expectedCurrent` is given and doesn't
 * hold it, `ALREADY_EXISTS` when it is a version name.
 */
export async function setAlias(
  context: RequestContext<"eventLog">,
  input: SetAliasInput,
): Promise<{ version: Version }> {
  const alias = validateSelectorName(input.alias, "alias");
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref);
    const [holder] = await tx.run(findAliasHolder, { key: `${row.artifactKey}:${alias}` });
    await assertExpectedCurrent(tx.run, context.actor, input.expectedCurrent, holder?.id ?? null);
    const moved = await assignSelectors(context, tx, [{ name: alias, fixed: false, row, at }]);
    const { project, artifactKey, kind, id: version } = row;
    const events = moved.map(({ previous }): NewEvent => {
      return { type: "ALIAS_MOVED", at, project, artifactKey, kind, version, alias, ...(previous && { previous }) };
    });
    return { result: row, events };
  });
  return { version: toVersion(result) };
}
