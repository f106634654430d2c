import * as v from "valibot";
import { Status } from "../../model/enums.ts";
import { type Code, type Execution, Run, Step } from "../../model/execution.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import { type FieldsOf, parseJson } from "./row-values.ts";

/** The properties of a run or step node; nested values are JSON text. */
export const executionRow = v.object({
  id: v.string(),
  label: v.picklist(["Run", "Step"]),
  project: v.string(),
  name: v.string(),
  status: v.enum(Status),
  parameters: v.string(),
  metadata: v.string(),
  metrics: v.string(),
  startedAt: nullable(v.number()),
  endedAt: nullable(v.number()),
  error: nullable(v.string()),
  code: nullable(v.string()),
  environment: nullable(v.string()),
  author: v.string(),
  createdAt: v.number(),
  pipeline: nullable(v.string()),
  parent: nullable(v.string()),
  key: nullable(v.string()),
  iteration: nullable(v.number()),
  run: nullable(v.string()),
  cachedFrom: nullable(v.string()),
  /** The run's logical clock: the time of the latest change to it. */
  clock: v.number(),
  /** When a client last reported on it. */
  heartbeatAt: v.number(),
  /** The order among the steps of a run, or the children of a parent run (see `orderingKey`). */
  rank: v.string(),
  /** The run that it is, or that it is a step of; filters match it by id, key or name. */
  runId: v.string(),
  runKey: nullable(v.string()),
  runName: v.string(),
  /** The key that sorts names (see `sortKey`). */
  nameKey: v.string(),
  /** The text that search looks through, in lower case. */
  text: v.string(),
});
export type ExecutionRow = v.InferOutput<typeof executionRow> & { asOf?: AsOf };

function toFields(row: ExecutionRow): FieldsOf<Execution> {
  return {
    id: row.id,
    asOf: row.asOf ?? null,
    label: row.label,
    projectName: row.project,
    name: row.name,
    status: row.status,
    author: row.author,
    createdAt: row.createdAt,
    error: row.error,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    parameters: parseJson<Record<string, unknown>>(row.parameters) ?? {},
    metadata: parseJson<Record<string, unknown>>(row.metadata) ?? {},
    metrics: parseJson<Record<string, unknown>>(row.metrics) ?? {},
    code: parseJson<Code>(row.code),
    environment: parseJson(row.environment),
  };
}

/** Maps a row to a run. */
export function toRun(row: ExecutionRow): Run {
  const { pipeline, parent, key, iteration } = row;
  const fields: FieldsOf<Run> = { ...toFields(row), pipeline, parentId: parent, key, iteration };
  return Object.assign(new Run(), fields);
}

/** Maps a row to a step. */
export function toStep(row: ExecutionRow): Step {
  const fields: FieldsOf<Step> = { ...toFields(row), runId: row.run ?? "", cachedFromId: row.cachedFrom };
  return Object.assign(new Step(), fields);
}

/** Maps a row to the run or step that it holds. */
export function toExecution(row: ExecutionRow): Run | Step {
  return row.label === "Run" ? toRun(row) : toStep(row);
}
