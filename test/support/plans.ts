import type { ProfiledPlan, ResultSummary } from "neo4j-driver";

function operatorsOf({ operatorType, children }: ProfiledPlan): string[] {
  return [operatorType.split("@")[0] ?? "", ...children.flatMap(operatorsOf)];
}

function hitsOf({ dbHits, children }: ProfiledPlan): number {
  return (dbHits ?? 0) + children.reduce((sum, child) => sum + hitsOf(child), 0);
}

/** The profile of a Neo4j statement: its operators from the last to the first, and its number of store accesses. */
export function workOf({ profile }: Pick<ResultSummary, "profile">): { operators: string[]; hits: number } {
  if (!profile) throw new Error("this statement was not profiled");
  return { operators: operatorsOf(profile), hits: hitsOf(profile) };
}
