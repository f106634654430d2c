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
import type { Recording } from "../recording/plan.ts";
import { type Recorded, record } from "../recording/record.ts";
import { draftVersion, type VersionDraft } from "../recording/version-draft.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";

type Producer = Recording["existing"][number];

function producerOf(producer: ProducerInput | null | undefined): Producer | null {
  if (!producer) return null;
  const { run, step } = producer;
  if (Boolean(run) === Boolean(step)) throw invalid("producer", "a run or a step, one of them");
  return run
    ? { id: run, field: "producer.run", label: "Run", action: "run:write" }
    : { id: step ?? "", field: "producer.step", label: "Step", action: "run:write" };
}

/** The draft with its placeholders filled where there is no run that they could speak of. */
function filled(ports: Pick<Ports, "now">, draft: VersionDraft): VersionDraft {
  const { template, substitutions } = draft;
  return { ...draft, template: template && fillName(template, { at: ports.now(), substitutions }, "name") };
}

function plan(context: RequestContext, input: LogVersionInput, drafted: VersionDraft): Recording {
  const references = validateList(input.inputs, "inputs").map(
    (text, i): ReferenceInput => ({ text, field: `inputs[${i}]` }),
  );
  const producer = producerOf(input.producer);
  const { project } = input;
  // Whoever read the inputs without saying what they were is recorded as a run named after the artifact.
  const draft = !producer && references.length ? filled(context.ports, drafted) : drafted;
  const unnamed = { label: "Run", project, name: draft.template ?? "", status: "COMPLETED" } as const;
  const properties = draft === drafted ? null : draftExecution(context, unnamed, null, {}, "");
  const execution = producer?.id ?? properties?.id ?? null;
  const slot = validateSlot(input.producer ?? {}, "producer.");
  return {
    project,
    run: properties && { properties, tags: [], steps: [] },
    existing: producer ? [producer] : [],
    outputs: [{ execution, ...slot, version: draft, outputCount: 1 }],
    inputs: execution ? references.map((source) => ({ execution, slot: "", role: "", source })) : [],
  };
}

function eventsOf({ run, outputs }: Recording, recorded: Recorded, created: boolean): NewEvent[] {
  if (run) {
    const about = executionEventFields(run.properties);
    const started: NewEvent = { ...about, type: "RUN_STARTED", at: run.properties.createdAt };
    return [started, ...recorded.events, { ...about, type: "RUN_ENDED", at: recorded.end }];
  }
  const execution = recorded.executions.get(outputs[0]?.execution ?? "");
  if (created || !execution) return recorded.events;
  // An unchanged version has a new producer or inputs: a change of lineage, told as one.
  return [...recorded.events, { ...executionEventFields(execution), type: "LINEAGE_RECORDED", at: recorded.end }];
}

/**
 * Logs a version: its artifact (and project) created when missing, the next number, files, producer and inputs, in one transaction.
 * With `ifChanged` and equal content, or the same `key` and input as before, the version that is there comes back, `created: false`.
 */
export async function logVersion(
  context: RequestContext<"eventLog" | "lookups">,
  input: LogVersionInput,
): Promise<{ version: Version; created: boolean }> {
  validateProjectName(input.project, "project");
  authorize(context.actor, "version:log", input.project);
  const recording = plan(context, input, draftVersion(context.ports, input, input.project, ""));
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
      return { result: { id: row.id, created: logged.created }, events: eventsOf(recording, recorded, logged.created) };
    },
    idempotency,
  );
  // A retry may have found the result of another call: then what an earlier attempt made was never stored.
  const version = row?.id === result.id ? toVersion(row) : await loadVersion(context.ports, result.id);
  return { version, created: created && result.created };
}
