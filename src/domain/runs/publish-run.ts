import type { PublishRunInput } from "../../model/execution.input.ts";
import type { Run } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { toRun } from "../core/execution-row.ts";
import { runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName } from "../core/validation.ts";
import { validateManagedLocations } from "../recording/managed-locations.ts";
import { record } from "../recording/record.ts";
import { toStartEvents } from "./execution-events.ts";
import { planRun } from "./plan-run.ts";

/**
 * Publishes a whole run: the run, its steps, new versions (with their artifacts, where those do not exist yet) and all edges, in one
 * transaction and at most 13 statements, however large the run is. A repeated call with the same `key` and input returns the same run with
 * `created: false`.
 */
export async function publishRun(
  context: RequestContext<"eventLog" | "lookups">,
  input: PublishRunInput,
): Promise<{ run: Run; created: boolean }> {
  validateProjectName(input.project, "project");
  authorize(context.actor, "run:write", input.project);
  const recording = planRun(context, input);
  await validateManagedLocations(context, recording);
  const { properties, steps } = recording.run;
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const { events, end } = await record(context, tx, recording);
      const stepRows = steps.map((step) => step.properties);
      return { result: properties.id, events: toStartEvents(properties, properties.createdAt, events, end, stepRows) };
    },
    toIdempotency("publishRun", input.project, input.key, input),
  );
  return { run: result === properties.id ? toRun(properties) : await loadRun(context.ports, result), created };
}
