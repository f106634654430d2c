import { isGiven } from "../../lib/is-given.ts";
import type { Status } from "../../model/enums.ts";
import type { PublishRunInput, StartRunInput } from "../../model/execution.input.ts";
import type { RequestContext } from "../core/context.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { draftExecution } from "../recording/execution-draft.ts";
import type { Recording } from "../recording/plan.ts";

/** The properties of the new run that an input describes. Its name defaults to the pipeline, or else to `run`. */
export function draftRun(
  context: RequestContext,
  input: StartRunInput | PublishRunInput,
  status: Status,
): ExecutionRow {
  const { project, pipeline, parent, key, iteration } = input;
  const name = input.name ?? pipeline ?? "run";
  return draftExecution(
    context,
    { label: "Run", project, name, status, pipeline, parent, key, iteration },
    null,
    input,
    "",
  );
}

/** The parent of a new run, if it has one, among the executions that must already exist. */
export function toExistingParent(parent: string | null | undefined): Recording["existing"] {
  return isGiven(parent) ? [{ id: parent, field: "parent", label: "Run", action: "run:write" }] : [];
}
