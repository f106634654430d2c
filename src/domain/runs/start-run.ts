import type { StartRunInput } from "../../model/execution.input.ts";
import type { Run } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName, validateTags } from "../core/validation.ts";
import { draftExecution } from "../recording/execution-draft.ts";
import { record } from "../recording/record.ts";
import { startEvents } from "./execution-changes.ts";

/** Starts a run; the project is created when missing. The same `key` and input give the same run, `created: false`. */
export async function startRun(
  context: RequestContext<"eventLog">,
  input: StartRunInput,
): Promise<{ run: Run; created: boolean }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "run:write", project);
  const status = input.status ?? "RUNNING";
  if (status !== "RUNNING" && status !== "QUEUED") throw invalid("status", "a run starts QUEUED or RUNNING");
  const { pipeline, parent, key, iteration } = input;
  const fields = {
    label: "Run",
    project,
    name: input.name ?? pipeline ?? "run",
    status,
    pipeline,
    parent,
    key,
    iteration,
  } as const;
  const properties = draftExecution(context, fields, null, input, "");
  const tags = validateTags(input.tags, "tags");
  const idempotency = toIdempotency("startRun", project, key, input);
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const { events } = await record(context, tx, {
        project,
        run: { properties, tags, steps: [] },
        existing: parent ? [{ id: parent, field: "parent", label: "Run", action: "run:write" }] : [],
        outputs: [],
        inputs: [],
      });
      return { result: properties.id, events: [...events, ...startEvents(properties, properties.createdAt)] };
    },
    idempotency,
  );
  return { run: await loadRun(context.ports, result), created };
}
