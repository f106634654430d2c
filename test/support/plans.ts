import type { ProfiledPlan, ResultSummary } from "neo4j-driver";

const operatorsOf = ({ operatorType, children }: ProfiledPlan): string[] => [
  operatorType.split("@")[0] ?? "",
  ...children.flatMap(operatorsOf),
];

const hitsOf = ({ dbHits, children }: ProfiledPlan): number =>
  (dbHits ?? 0) + children.reduce((sum, child) => sum + hitsOf(child), 0);

/** What Neo4j did for a statement that was profiled: its operators from the last to the first, and how often it touched the store. */
export const workOf = ({ profile }: Pick<ResultSummary, "profile">): { operators: string[]; hits: number } => {
  if (!profile) throw new Error("this statement was not profiled");
  return { operators: operatorsOf(profile), hits: hitsOf(profile) };
};
