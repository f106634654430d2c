import type { StartRunInput } from "../../model/execution.input.ts";
import type { Run } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName, validateTags } from "../core/validation.ts";
import { record } from "../recording/record.ts";
import { draftRun, toExistingParent } from "./draft-run.ts";
import { toStartEvents } from "./execution-events.ts";

/**
 * Starts a run, and creates its project if it does not exist. A repeated call with the same `key` and input returns the same run with
 * `created: false`.
 */
export async function startRun(
  context: RequestContext<"eventLog">,
  input: StartRunInput,
): Promise<{ run: Run; created: boolean }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "run:write", project);
  const status = input.status ?? "RUNNING";
  if (status !== "RUNNING" && status !== "QUEUED")
    throw invalid("status", `a run cannot start as ${status}, only as QUEUED or RUNNING`);
  const properties = draftRun(context, input, status);
  const tags = validateTags(input.tags, "tags");
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const { events } = await record(context, tx, {
        project,
        run: { properties, tags, steps: [] },
        existing: toExistingParent(input.parent),
        outputs: [],
        inputs: [],
      });
      return { result: properties.id, events: [...events, ...toStartEvents(properties, properties.createdAt)] };
    },
    toIdempotency("startRun", project, input.key, input),
  );
  return { run: await loadRun(context.ports, result), created };
}
