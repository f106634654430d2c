import type { ExecutionRow } from "../core/execution-row.ts";
import type { Action } from "../core/permissions.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";
import type { VersionDraft } from "./version-draft.ts";

/** A run to create, with its steps. */
export interface NewRun {
  properties: ExecutionRow;
  tags: string[];
  steps: { properties: ExecutionRow; tags: string[] }[];
}

/** A new version, or an existing one, that an execution produced; `execution` is the id of a new or existing one, null when it is unknown. */
export interface PlannedOutput {
  execution: string | null;
  slot: string;
  role: string;
  version: VersionDraft | ReferenceInput;
  /** How many outputs its step has in the call; the default name depends on it. */
  outputCount: number;
}

/** What an execution read: an existing version, or an output of the same call. */
export interface PlannedInput {
  execution: string;
  slot: string;
  role: string;
  source: ReferenceInput | PlannedOutput;
}

/** Everything that one call records, in one transaction and a fixed number of statements. */
export interface Recording {
  project: string;
  run: NewRun | null;
  /** The execution that the call is about, when its run is locked, and the time by that run's clock: nothing is recorded with an earlier time. */
  locked?: { execution: ExecutionRow; at: number };
  /** Existing executions that the call needs: the field that names each, and the action that the actor must be permitted. */
  existing: { id: string; field: string; label?: "Run" | "Step"; action: Action }[];
  outputs: PlannedOutput[];
  inputs: PlannedInput[];
}

/** Whether an output is a new version. */
export function isDraft(version: VersionDraft | ReferenceInput): version is VersionDraft {
  return "template" in version;
}

/** Whether an input is an output of the same call. */
export function isOutput(source: ReferenceInput | PlannedOutput): source is PlannedOutput {
  return "version" in source;
}

/** Every reference to an existing version in a call. */
export function collectReferences({ inputs, outputs }: Recording): ReferenceInput[] {
  return [
    ...inputs.flatMap(({ source }) => (isOutput(source) ? [] : [source])),
    ...outputs.flatMap(({ version }) => (isDraft(version) ? version.links.map((link) => link.reference) : [version])),
  ];
}
