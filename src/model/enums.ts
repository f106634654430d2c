import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** Registers a GraphQL enum, given the description of each value, and returns its values by name. */
export function registerEnum<const Values extends Record<string, string>>(
  name: string,
  description: string,
  values: Values,
) {
  const names = Object.keys(values);
  const byName = Object.fromEntries(names.map((value) => [value, value])) as { [Name in keyof Values]: Name };
  const valuesConfig = Object.fromEntries(names.map((value) => [value, { description: values[value] }]));
  registerEnumType<object>(byName, { name, description, valuesConfig });
  return byName;
}

export const Kind = registerEnum("Kind", "What kind of thing an artifact is.", {
  ARTIFACT: "Anything without a more specific kind.",
  DATASET: "A dataset.",
  MODEL: "A model.",
  PLOT: "A plot or chart.",
  TABLE: "A table, such as a table of results.",
  DOCUMENT: "A document, such as a report.",
  LINK: "Data that is kept elsewhere.",
  DIRECTORY: "Several files without a more specific kind.",
  FEATURE_SET: "A feature set, as in a feature store.",
  FEATURE_VECTOR: "A feature vector, as in a feature store.",
  SERVICE: "A service, such as a deployed model.",
  STATISTICS: "Statistics of data.",
  SCHEMA: "A schema of data.",
  ANALYSIS: "An analysis, such as the evaluation of a model.",
  CUSTOM: "A kind that is not in this list.",
});
export type Kind = keyof typeof Kind;

export const Status = registerEnum("Status", "Status of a run or step.", {
  QUEUED: "Waiting to start.",
  RUNNING: "Started and not ended.",
  COMPLETED: "Ended successfully. Final.",
  FAILED: "Ended with an error. Final.",
  CANCELED: "Canceled. Final.",
  CACHED: "Not executed, because the outputs of another step were reused. Final.",
  SKIPPED: "Not executed. Final.",
  STALE:
    "Was RUNNING, but nothing was reported for the project's `staleAfterSeconds`. The next report makes it RUNNING again.",
});
export type Status = keyof typeof Status;

export const VersionState = registerEnum("VersionState", "Whether a version exists or was deleted.", {
  READY: "The version exists.",
  DELETED: "The version was deleted. A tombstone keeps its place in the lineage.",
});
export type VersionState = keyof typeof VersionState;

export const Direction = registerEnum("Direction", "Which way to follow lineage.", {
  UPSTREAM: "Where a version came from: its ancestors.",
  DOWNSTREAM: "What a version feeds: its descendants.",
  BOTH: "Ancestors and descendants.",
});
export type Direction = keyof typeof Direction;

export const Granularity = registerEnum("Granularity", "What the nodes of a lineage are.", {
  EXECUTION: "Versions, runs and steps.",
  VERSION: "Versions only, joined across the runs and steps between them.",
  ARTIFACT: "Artifacts, joined across their versions.",
});
export type Granularity = keyof typeof Granularity;

export const EdgeKind = registerEnum("EdgeKind", "What an edge of a lineage represents.", {
  CONSUMED: "From a version to the run or step that read it.",
  PRODUCED: "From a run or step to a version it produced.",
  DERIVED: "Between versions or artifacts, joined across runs and steps that are not shown.",
});
export type EdgeKind = keyof typeof EdgeKind;
