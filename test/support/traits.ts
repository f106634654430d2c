import fc from "fast-check";
import type { Traits } from "../oracle/lineage-filter.ts";

/** The projects of a graph: most of it is in the first. */
export type Projects = [main: string, other: string];

/** The artifact of each version of a plan, and the run of each execution. */
interface Numbers {
  artifacts: number[];
  runs: number[];
}

/** How a version of a plan is recorded, by its number and that of its artifact. */
export function versionTraits({ artifacts }: Numbers, number: number, [main, other]: Projects) {
  const artifact = artifacts[number] ?? 0;
  return {
    project: artifact % 4 === 1 ? other : main,
    name: `größe/${artifact}::データ`,
    kind: artifact % 3 ? "DATASET" : "MODEL",
    tags: number % 2 ? [`t${number % 3}`] : [],
    metadata: { n: number % 5 },
  };
}

/** How a run of a plan is recorded. */
export function runTraits(run: number, [main, other]: Projects) {
  return {
    project: run % 3 === 1 ? other : main,
    pipeline: `p${run % 2}`,
  };
}

/** How an execution of a plan is recorded. */
export function executionTraits({ runs }: Numbers, number: number, projects: Projects) {
  return {
    ...runTraits(runs[number] ?? 0, projects),
    status: number % 4 === 1 ? "FAILED" : "COMPLETED",
  };
}

/** What filters see of the nodes of a plan. */
export function traitsOf(plan: Numbers, projects: Projects): Map<string, Traits> {
  return new Map([
    ...plan.artifacts.map((_, i): [string, Traits] => {
      const { project, name: artifact, kind, tags, metadata } = versionTraits(plan, i, projects);
      return [`v${i}`, { project, version: { artifact, kind, tags, state: "READY", metadata } }];
    }),
    ...plan.runs.map((_, i): [string, Traits] => {
      const { project, status, pipeline } = executionTraits(plan, i, projects);
      return [`x${i}`, { project, execution: { status, pipeline } }];
    }),
  ]);
}

/** Filters of lineage that fit such a graph, a little nested. */
export function filterOf(projects: Projects): fc.Arbitrary<object> {
  const field = fc.oneof(
    fc.constantFrom("MODEL", "DATASET").map((eq) => ({ kind: { eq } })),
    fc.constantFrom("t0", "t1", "t2").map((eq) => ({ tag: { eq } })),
    fc.constantFrom<object>({ lt: 2 }, { gte: 3 }, { eq: 4 }).map((bound) => ({ metadata: [{ key: "n", ...bound }] })),
    fc.constantFrom("/1", "2", "größe/3").map((contains) => ({ artifact: { contains } })),
    fc.constantFrom("READY", "DELETED").map((eq) => ({ state: { eq } })),
    fc.constantFrom("FAILED", "COMPLETED").map((eq) => ({ status: { eq } })),
    fc.constantFrom("p0", "p1").map((eq) => ({ pipeline: { eq } })),
    fc.constantFrom(...projects).map((eq) => ({ project: { eq } })),
  );
  const fields = fc.array(field, { maxLength: 2 }).map((all) => Object.assign({}, ...all) as object);
  const { filter } = fc.letrec<{ filter: object }>((tie) => ({
    filter: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fields,
      fc.array(tie("filter"), { maxLength: 3 }).map((and) => ({ and })),
      fc.array(tie("filter"), { maxLength: 3 }).map((or) => ({ or })),
      fc.record({ not: tie("filter") }),
    ),
  }));
  return filter;
}
