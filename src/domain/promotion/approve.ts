import * as v from "valibot";
import type { ApproveInput } from "../../model/gate.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { getStrongestRole } from "../core/permissions.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { toVersion } from "../core/version-row.ts";
import { lockVersion } from "../recording/locks.ts";
import { approvalRow } from "./gate-facts.ts";
import { findStages, getStage, type StageRules } from "./stages.ts";

const saveApproval = statement({
  name: "save-approval",
  params: {
    approval: v.object({ ...approvalRow.entries, key: v.string(), version: v.string(), project: v.string() }),
  },
  row: { key: v.string() },
});

/** Whether the stage has gates that count approvals and none of them counts the approval of the version's author. */
function forbidsOwnApproval({ gates }: StageRules): boolean {
  const rules = gates.flatMap(({ rule }) => (rule.approvals ? [rule.approvals] : []));
  return rules.length > 0 && rules.every(({ ownAllowed }) => !ownAllowed);
}

/**
 * Approves a version for a stage. Each actor has one approval, which lapses when the version's metadata changes. `FORBIDDEN` for an actor's own
 * version if the stage does not count such approvals, `GONE` for a deleted version.
 */
export async function approve(context: RequestContext<"eventLog">, input: ApproveInput): Promise<{ version: Version }> {
  const stage = validateSelectorName(input.stage, "stage");
  const comment = validateText(input.comment, "comment");
  const actor = context.actor.name;
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref, "version:approve");
    const { project, artifactKey, kind, id: version } = row;
    const rules = getStage(await findStages(tx.run, project), stage);
    if (row.author === actor && forbidsOwnApproval(rules)) {
      const message = `${actor} logged version ${row.key} and cannot approve it: stage "${stage}" counts only approvals by others`;
      throw new DomainError("FORBIDDEN", message, { permission: "version:approve" });
    }
    const role = getStrongestRole(context.actor, project);
    const key = `${version}/${stage}/${actor}`;
    tx.send(saveApproval, { approval: { key, version, project, stage, actor, role, comment, at } });
    const event: NewEvent = { type: "VERSION_UPDATED", at, project, artifactKey, kind, version, stage };
    return { result: row, events: [event] };
  });
  return { version: toVersion(result) };
}
