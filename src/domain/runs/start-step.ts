import type { StartStepInput } from "../../model/execution.input.ts";
import type { Step } from "../../model/execution.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun, loadStep } from "../core/entities.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize } from "../core/permissions.ts";
import { validateTags } from "../core/validation.ts";
import { draftExecution, finalStatuses } from "../recording/execution-draft.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { findExecutions, toExecutionLeaves } from "../recording/executions.ts";
import { startEvents } from "./execution-changes.ts";

const createStep = statement<{ step: Value; tags: string[]; leaves: Value }, { id: string }>("create-step");

/** Starts a step of a run that isn't final. The same `key` and input give the same step, `created: false`. */
export async function startStep(
  context: RequestContext<"eventLog">,
  input: StartStepInput,
): Promise<{ step: Step; created: boolean }> {
  const status = input.status ?? "RUNNING";
  if (status === "STALE") throw invalid("status", "only the service makes an execution STALE");
  const tags = validateTags(input.tags, "tags");
  const { key, cachedFrom, name, run } = input;
  authorize(context.actor, "run:write", (await loadRun(context.ports, run)).projectName);
  const idempotency = toIdempotency("startStep", run, key, input);
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const parent = await lockExecution(context, tx, run, "run");
      if (parent.execution.label !== "Run") throw notFound(`run: run ${run} does not exist`);
      checkOpen(parent.execution);
      if (cachedFrom)
        await findExecutions(tx.run, context.actor, [
          { id: cachedFrom, field: "cachedFrom", label: "Step", action: "project:read" },
        ]);
      const fields = { label: "Step", project: parent.execution.project, name, status, key, cachedFrom } as const;
      const drafted = draftExecution(context, fields, parent.execution, input, "");
      const step = { ...drafted, createdAt: parent.at, rank: orderingKey(parent.at, 0, drafted.id) };
      tx.send(createStep, { step, tags, leaves: toExecutionLeaves(step) });
      const woken = await reviveIfStale(context.ports, tx, parent);
      return { result: step.id, events: [...woken, ...startEvents(step, parent.at)] };
    },
    idempotency,
  );
  return { step: await loadStep(context.ports, result), created };
}

function checkOpen({ status }: ExecutionRow): void {
  if (!finalStatuses.includes(status)) return;
  throw new DomainError("ILLEGAL_TRANSITION", `the run is ${status}, which is final: no step begins in it`, {
    from: status,
    to: "RUNNING",
  });
}
