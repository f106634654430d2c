import { isGiven } from "../../lib/is-given.ts";
import type { LogVersionInput, ProducerInput } from "../../model/version.input.ts";
import type { Version } from "../../model/version.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadVersion } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { type NewEvent, runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateList, validateProjectName, validateSlot } from "../core/validation.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { draftExecution } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";
import { validateManagedLocations } from "../recording/managed-locations.ts";
import { fillName } from "../recording/placeholders.ts";
import type { NewRun, Recording } from "../recording/plan.ts";
import { type Recorded, record } from "../recording/record.ts";
import { draftVersion, type VersionDraft } from "../recording/version-draft.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";

type Producer = Recording["existing"][number];

function toProducer(producer: ProducerInput | null | undefined): Producer | null {
  if (!producer) return null;
  const { run, step } = producer;
  if (isGiven(run) && !isGiven(step)) return { id: run, field: "producer.run", label: "Run", action: "run:write" };
  if (isGiven(step) && !isGiven(run)) return { id: step, field: "producer.step", label: "Step", action: "run:write" };
  throw invalid("producer", "give exactly one of run and step");
}

/** Inputs without a producer are recorded as those of a COMPLETED run that is named after the artifact. */
function draftProducerRun(context: RequestContext, project: string, artifact: string | null): NewRun {
  const run = { label: "Run", project, name: artifact ?? "", status: "COMPLETED" } as const;
  return { properties: draftExecution(context, run, null, {}, ""), tags: [], steps: [] };
}

/** Fills the placeholders in a name that is also the name of a new run; those that stand for a run or step are not available. */
function fillTemplate({ now }: Pick<Ports, "now">, draft: VersionDraft): VersionDraft {
  const { template, substitutions } = draft;
  return { ...draft, template: template && fillName(template, { at: now(), substitutions }, "name") };
}

function planRecording(context: RequestContext, input: LogVersionInput): Recording {
  const { project } = input;
  const draft = draftVersion(context.ports, input, project, "");
  const references = validateList(input.inputs, "inputs").map(
    (text, i): ReferenceInput => ({ text, field: `inputs[${i}]` }),
  );
  const producer = toProducer(input.producer);
  const needsRun = !producer && references.length > 0;
  const version = needsRun ? fillTemplate(context.ports, draft) : draft;
  const run = needsRun ? draftProducerRun(context, project, version.template) : null;
  const execution = producer?.id ?? run?.properties.id ?? null;
  const slot = validateSlot(input.producer ?? {}, "producer.");
  return {
    project,
    run,
    existing: producer ? [producer] : [],
    outputs: [{ execution, ...slot, version, outputCount: 1 }],
    inputs: execution ? references.map((source) => ({ execution, slot: "", role: "", source })) : [],
  };
}

function toEvents({ run, outputs }: Recording, recorded: Recorded, created: boolean): NewEvent[] {
  if (run) {
    const about = executionEventFields(run.properties);
    const started: NewEvent = { ...about, type: "RUN_STARTED", at: run.properties.createdAt };
    return [started, ...recorded.events, { ...about, type: "RUN_ENDED", at: recorded.end }];
  }
  const execution = recorded.executions.get(outputs[0]?.execution ?? "");
  if (created || !execution) return recorded.events;
  // The version is unchanged, but its new producer and inputs change the lineage.
  return [...recorded.events, { ...executionEventFields(execution), type: "LINEAGE_RECORDED", at: recorded.end }];
}

/**
 * Logs a version in one transaction: creates its project and artifact if they don't exist, gives it the next number, and records its files,
 * producer and inputs. `created` is false when an existing version is returned: the same `key` and input as before, or `ifChanged` and equal
 * content.
 */
export async function logVersion(
  context: RequestContext<"eventLog" | "lookups">,
  input: LogVersionInput,
): Promise<{ version: Version; created: boolean }> {
  validateProjectName(input.project, "project");
  authorize(context.actor, "version:log", input.project);
  const recording = planRecording(context, input);
  const idempotency = toIdempotency("logVersion", input.project, input.key, input);
  await validateManagedLocations(context, recording);
  let row: VersionRow | undefined;
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const recorded = await record(context, tx, recording);
      const [logged] = recorded.versions.values();
      if (!logged) throw new Error("no version was recorded");
      row = logged.row;
      return { result: { id: row.id, created: logged.created }, events: toEvents(recording, recorded, logged.created) };
    },
    idempotency,
  );
  // The result may be that of an earlier call or attempt; then `row` was never committed.
  const version = row?.id === result.id ? toVersion(row) : await loadVersion(context.ports, result.id);
  return { version, created: created && result.created };
}
