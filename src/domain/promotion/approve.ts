import type { ApproveInput } from "../../model/gate.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { strongestRole } from "../core/permissions.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { toVersion } from "../core/version-row.ts";
import { lockVersion } from "../recording/lock-version.ts";
import type { ApprovalRow } from "./gate-facts.ts";
import { findStages, getStage, type StageRules } from "./stages.ts";

type Kept = ApprovalRow & { key: string; version: string; project: string };

const keepApproval = statement<{ approval: Kept }, { key: string }>("save-approval");

/** Whether a stage counts approvals, and none of its gates those of whoever logged the version. */
function forbidsOwn({ gates }: StageRules): boolean {
  const counting = gates.flatMap(({ rule }) => (rule.approvals ? [rule.approvals] : []));
  return counting.length > 0 && counting.every(({ ownAllowed }) => !ownAllowed);
}

/**
 * Approves a version for a stage: one approval of each actor, which lapses when the version's metadata changes. `FORBIDDEN` for one's own
 * version where the stage doesn't count it, `GONE` for a deleted one.
 */
export async function approve(context: RequestContext<"eventLog">, input: ApproveInput): Promise<{ version: Version }> {
  const name = validateSelectorName(input.stage, "stage");
  const comment = validateText(input.comment, "comment");
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref, "version:approve");
    const { project, artifactKey, kind, id } = row;
    const stage = getStage(await findStages(tx.run, project), name);
    if (row.author === context.actor.name && forbidsOwn(stage)) {
      const message = `${context.actor.name} logged ${row.key}: the stage ${name} wants the approval of others`;
      throw new DomainError("FORBIDDEN", message, { permission: "version:approve" });
    }
    const by = { actor: context.actor.name, role: strongestRole(context.actor, project), comment, at };
    tx.send(keepApproval, {
      approval: { key: `${id}/${name}/${context.actor.name}`, version: id, project, stage: name, ...by },
    });
    const event = { type: "VERSION_UPDATED" as const, at, project, artifactKey, kind, version: id, stage: name };
    return { result: { ...row }, events: [event] };
  });
  return { version: toVersion(result) };
}
