import * as v from "valibot";
import type { StageRules as ShownRules, StageChange } from "../../model/stage.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { stageKey } from "../core/default-stages.ts";
import { invalid } from "../core/errors.ts";

/** The properties of a node that keeps one change of a stage; `before` and `after` are rules as JSON. */
const stageChangeRow = v.object({
  stageKey: v.string(),
  project: v.string(),
  actor: v.string(),
  at: v.number(),
  before: nullable(v.string()),
  after: v.string(),
  /** The order among the changes of a stage (see `orderingKey`). */
  rank: v.string(),
});

/** Keeps a change of a stage. */
export const recordStageChange = statement({
  name: "record-stage-change",
  params: { change: stageChangeRow },
  row: { key: v.string() },
});

const findChanges = statement({
  name: "find-stage-changes",
  params: { keys: v.array(v.string()), limit: v.number() },
  row: { key: v.string(), changes: v.array(stageChangeRow) },
});

/** The newest changes of a stage are read, at most `first` of them. */
export interface StageChangesQuery {
  project: string;
  stage: string;
  first: number;
}

const maxChanges = 500;

/** The newest changes of each of many stages, newest first, in one statement. `INVALID_INPUT` when more than 500 are requested. */
export async function findStageChanges(
  { graph }: Pick<Ports, "graph">,
  queries: readonly StageChangesQuery[],
): Promise<StageChange[][]> {
  const limit = Math.max(...queries.map(({ first }) => first));
  if (queries.some(({ first }) => first < 0) || limit > maxChanges)
    throw invalid("first", `must be from 0 to ${maxChanges}`);
  const keys = [...new Set(queries.map(({ project, stage }) => stageKey(project, stage)))];
  const found = new Map((await graph.read(findChanges, { keys, limit })).map(({ key, changes }) => [key, changes]));
  return queries.map(({ project, stage, first }) =>
    (found.get(stageKey(project, stage)) ?? [])
      .sort((a, b) => (a.rank > b.rank ? -1 : 1))
      .slice(0, first)
      .map(({ at, actor, before, after }): StageChange => {
        const [rules, old]: [ShownRules, ShownRules | null] = [JSON.parse(after), JSON.parse(before ?? "null")];
        return { at, actor, before: old, after: rules };
      }),
  );
}
