import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import type { StartStepInput } from "../../model/execution.input.ts";
import type { Step } from "../../model/execution.ts";
import { anyValue, statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun, loadStep } from "../core/entities.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { type ExecutionRow, executionRow } from "../core/execution-row.ts";
import { runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize } from "../core/permissions.ts";
import { validateTags } from "../core/validation.ts";
import { draftExecution, finalStatuses } from "../recording/execution-draft.ts";
import { findExecutions, toExecutionLeaves } from "../recording/executions.ts";
import { reviveIfStale } from "../recording/heartbeats.ts";
import { lockExecution } from "../recording/locks.ts";
import { toStartEvents } from "./execution-events.ts";

const createStep = statement({
  name: "create-step",
  params: { step: executionRow, tags: v.array(v.string()), leaves: anyValue },
  row: { id: v.string() },
});

function assertNotFinal({ id, status }: ExecutionRow): void {
  if (!finalStatuses.includes(status)) return;
  throw new DomainError("ILLEGAL_TRANSITION", `run ${id} is ${status}, which is final: no step can start in it`, {
    from: status,
    to: "RUNNING",
  });
}

/**
 * Starts a step of a run whose status is not final. A repeated call with the same `key` and input returns the same step with
 * `created: false`.
 */
export async function startStep(
  context: RequestContext<"eventLog">,
  input: StartStepInput,
): Promise<{ step: Step; created: boolean }> {
  const status = input.status ?? "RUNNING";
  if (status === "STALE") throw invalid("status", "STALE is set by the service only");
  const tags = validateTags(input.tags, "tags");
  const { key, cachedFrom, name, run } = input;
  authorize(context.actor, "run:write", (await loadRun(context.ports, run)).projectName);
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const parent = await lockExecution(context, tx, run, "run");
      if (parent.execution.label !== "Run") throw notFound(`run: run ${run} does not exist`);
      assertNotFinal(parent.execution);
      if (isGiven(cachedFrom))
        await findExecutions(tx.run, context.actor, [
          { id: cachedFrom, field: "cachedFrom", label: "Step", action: "project:read" },
        ]);
      const { project } = parent.execution;
      const fields = { label: "Step" as const, project, name, status, key, cachedFrom };
      const draft = draftExecution(context, fields, parent.execution, input, "");
      const step = { ...draft, createdAt: parent.at, rank: orderingKey(parent.at, 0, draft.id) };
      tx.send(createStep, { step, tags, leaves: toExecutionLeaves(step) });
      const revived = await reviveIfStale(context.ports, tx, parent);
      return { result: step.id, events: [...revived, ...toStartEvents(step, parent.at)] };
    },
    toIdempotency("startStep", run, key, input),
  );
  return { step: await loadStep(context.ports, result), created };
}
