import type { SetAliasInput } from "../../model/alias.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateSelectorName } from "../core/validation.ts";
import { toVersion } from "../core/version-row.ts";
import { assignSelectors } from "../recording/assign-selectors.ts";
import { lockVersion } from "../recording/lock-version.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { aliasHolder } from "./alias-holder.ts";

/** Points an alias to a version; its former holder loses it in the same transaction. `CONFLICT` when `expectedCurrent` doesn't hold it. */
export async function setAlias(
  context: RequestContext<"eventLog">,
  input: SetAliasInput,
): Promise<{ version: Version }> {
  const alias = validateSelectorName(input.alias, "alias");
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref);
    const [holder] = await tx.run(aliasHolder, { key: `${row.artifactKey}:${alias}` });
    await assertExpectedCurrent(tx.run, context.actor, input.expectedCurrent, holder?.id ?? null);
    const moved = await assignSelectors(context, tx.run, [{ name: alias, fixed: false, row, at }]);
    const about = { project: row.project, artifactKey: row.artifactKey, kind: row.kind, version: row.id, at, alias };
    const events = moved.map(({ previous }) => ({
      ...about,
      type: "ALIAS_MOVED" as const,
      ...(previous && { previous }),
    }));
    return { result: row, events };
  });
  return { version: toVersion(result) };
}
