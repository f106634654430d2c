import "reflect-metadata";
import { registerEnumType } from "type-graphql";

/** An enum whose values are their names. */
export function words<const W extends string>(...names: W[]) {
  return Object.fromEntries(names.map((name) => [name, name])) as { [K in W]: K };
}

/** What an artifact is. */
export const Kind = words(
  "ARTIFACT",
  "DATASET",
  "MODEL",
  "PLOT",
  "TABLE",
  "DOCUMENT",
  "LINK",
  "DIRECTORY",
  "FEATURE_SET",
  "FEATURE_VECTOR",
  "SERVICE",
  "STATISTICS",
  "SCHEMA",
  "ANALYSIS",
  "CUSTOM",
);
export type Kind = keyof typeof Kind;
registerEnumType(Kind, { name: "Kind", description: "What an artifact is." });

/** Where an execution stands. */
export const Status = words("QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELED", "CACHED", "SKIPPED", "STALE");
export type Status = keyof typeof Status;
registerEnumType(Status, {
  name: "Status",
  description: "Where an execution stands. COMPLETED, FAILED, CANCELED, CACHED and SKIPPED are final.",
});

/** Whether a version is there. */
export const VersionState = words("READY", "DELETED");
export type VersionState = keyof typeof VersionState;
registerEnumType(VersionState, {
  name: "VersionState",
  description: "READY: the version is there. DELETED: a tombstone keeps its place in the lineage.",
});

/** Which way lineage is followed. */
export const Direction = words("UPSTREAM", "DOWNSTREAM", "BOTH");
export type Direction = keyof typeof Direction;
registerEnumType(Direction, {
  name: "Direction",
  description: "UPSTREAM: where it came from. DOWNSTREAM: what it feeds. BOTH: ancestors and descendants.",
});

/** What the nodes of a lineage are. */
export const Granularity = words("EXECUTION", "VERSION", "ARTIFACT");
export type Granularity = keyof typeof Granularity;
registerEnumType(Granularity, {
  name: "Granularity",
  description: "EXECUTION: versions and executions. VERSION: versions alone. ARTIFACT: artifacts.",
});

/** What an edge of a lineage says. */
export const EdgeKind = words("CONSUMED", "PRODUCED", "DERIVED");
export type EdgeKind = keyof typeof EdgeKind;
registerEnumType(EdgeKind, {
  name: "EdgeKind",
  description:
    "CONSUMED: version to execution. PRODUCED: execution to version. DERIVED: joined over executions that are not shown.",
});
