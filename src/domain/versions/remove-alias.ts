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
import { lockArtifact } from "../recording/lock-artifact.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { aliasHolder } from "./alias-holder.ts";

const dropAlias = statement<
  { key: string; artifactKey: string; alias: string; actor: string; at: number; rank: string },
  { previous: string }
>("remove-alias");

/** Takes an alias away; `NOT_FOUND` when there is none of that name, `IMMUTABLE` when it is a version name. */
export async function removeAlias(
  context: RequestContext<"eventLog">,
  input: RemoveAliasInput,
): Promise<{ artifact: Artifact }> {
  const { project, name } = input;
  const alias = validateSelectorName(input.alias, "alias");
  authorize(context.actor, "version:label", project);
  const key = artifactKey(project, name);
  const { result } = await runIdempotent(context, async (tx) => {
    const { artifact, at } = await lockArtifact(context.ports, tx, key);
    const [holder] = await tx.run(aliasHolder, { key: `${key}:${alias}` });
    if (!holder) throw notFound(`${key} has no alias "${alias}"`);
    if (holder.fixed) throw new DomainError("IMMUTABLE", `${alias} is the version name of ${key}:${holder.number}`, {});
    await assertExpectedCurrent(tx.run, context.actor, input.expectedCurrent, holder.id);
    const rank = orderingKey(at, 0, context.ports.newId());
    await tx.run(dropAlias, { key: `${key}:${alias}`, artifactKey: key, alias, actor: context.actor.name, at, rank });
    const event = { type: "ALIAS_MOVED" as const, at, project, artifactKey: key, kind: artifact.kind, alias };
    return { result: artifact, events: [{ ...event, previous: holder.id }] };
  });
  return { artifact: toArtifact(result) };
}
