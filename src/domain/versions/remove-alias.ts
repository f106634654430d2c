import * as v from "valibot";
import type { RemoveAliasInput } from "../../model/alias.ts";
import type { Artifact } from "../../model/artifact.ts";
import { statement } from "../../ports/statement.ts";
import { toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize } from "../core/permissions.ts";
import { validateSelectorName } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/locks.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { findAliasHolder } from "./find-alias-holder.ts";

const deleteAlias = statement({
  name: "remove-alias",
  params: {
    key: v.string(),
    artifactKey: v.string(),
    alias: v.string(),
    actor: v.string(),
    at: v.number(),
    rank: v.string(),
  },
  row: { previous: v.string() },
});

/**
 * Removes an alias; its history is kept. `NOT_FOUND` when the artifact has no such alias, `IMMUTABLE` when it is a version
 * name, `CONFLICT` when `expectedCurrent` is given and doesn't hold it.
 */
export async function removeAlias(
  context: RequestContext<"eventLog">,
  input: RemoveAliasInput,
): Promise<{ artifact: Artifact }> {
  const { project, name } = input;
  const { actor, ports } = context;
  const alias = validateSelectorName(input.alias, "alias");
  authorize(actor, "version:label", project);
  const artifact = artifactKey(project, name);
  const key = `${artifact}:${alias}`;
  const { result } = await runIdempotent(context, async (tx) => {
    const { artifact: row, at } = await lockArtifact(ports, tx, artifact);
    const [holder] = await tx.run(findAliasHolder, { key });
    if (!holder) throw notFound(`${artifact} has no alias "${alias}"`);
    if (holder.fixed)
      throw new DomainError("IMMUTABLE", `"${alias}" is the version name of ${artifact}:${holder.number}`, {});
    await assertExpectedCurrent(tx.run, actor, input.expectedCurrent, holder.id);
    const rank = orderingKey(at, 0, ports.newId());
    await tx.run(deleteAlias, { key, artifactKey: artifact, alias, actor: actor.name, at, rank });
    const about = { project, artifactKey: artifact, kind: row.kind };
    return { result: row, events: [{ ...about, type: "ALIAS_MOVED", at, alias, previous: holder.id }] };
  });
  return { artifact: toArtifact(result) };
}
