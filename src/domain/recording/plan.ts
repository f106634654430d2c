import type { ExecutionRow } from "../core/execution-row.ts";
import type { Action } from "../core/permissions.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";
import type { VersionDraft } from "./version-draft.ts";

/** A run to be, with its steps; properties as the graph holds them. */
export interface NewRun {
  properties: ExecutionRow;
  tags: string[];
  steps: { properties: ExecutionRow; tags: string[] }[];
}

/** Something made: a new version, or one that is there; by an execution (new or not), or by nobody known. */
export interface PlannedOutput {
  execution: string | null;
  slot: string;
  role: string;
  made: VersionDraft | ReferenceInput;
  /** How many outputs its step has in the call, for the default name. */
  siblings: number;
}

/** Something read by an execution: a version that is there, or an output of the same call. */
export interface PlannedInput {
  execution: string;
  slot: string;
  role: string;
  read: ReferenceInput | PlannedOutput;
}

/** Everything that one call records, in one transaction and a fixed number of statements. */
export interface Recording {
  project: string;
  run: NewRun | null;
  /** An execution that is locked already, and the time by the clock of its run: nothing is recorded before it. */
  locked?: { execution: ExecutionRow; at: number };
  /** Executions that must be there already, the fields that name them, and what is done with them. */
  existing: { id: string; field: string; label?: "Run" | "Step"; action: Action }[];
  outputs: PlannedOutput[];
  inputs: PlannedInput[];
}

/** Whether what was made is a new version. */
export function isDraft(made: VersionDraft | ReferenceInput): made is VersionDraft {
  return "template" in made;
}

/** Whether what was read is an output of the same call. */
export function isOutput(read: ReferenceInput | PlannedOutput): read is PlannedOutput {
  return "made" in read;
}

/** Every reference that a call holds. */
export function collectReferences(recording: Recording): ReferenceInput[] {
  return [
    ...recording.inputs.flatMap(({ read }) => (isOutput(read) ? [] : [read])),
    ...recording.outputs.flatMap(({ made }) => (isDraft(made) ? made.links.map((item) => item.reference) : [made])),
  ];
}
