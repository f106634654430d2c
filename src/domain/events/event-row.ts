import * as v from "valibot";
import { EventType } from "../../model/event.ts";
import { nullable } from "../../ports/statement.ts";

/** The properties of an event node that has its number: 1 for the first event of the log, without gaps. */
export const eventRow = v.object({
  seq: v.number(),
  type: v.enum(EventType),
  at: v.number(),
  actor: v.string(),
  project: v.string(),
  artifactKey: nullable(v.string()),
  kind: nullable(v.string()),
  tags: nullable(v.array(v.string())),
  version: nullable(v.string()),
  number: nullable(v.number()),
  previous: nullable(v.string()),
  run: nullable(v.string()),
  step: nullable(v.string()),
  alias: nullable(v.string()),
  stage: nullable(v.string()),
  promotion: nullable(v.string()),
  warning: nullable(v.string()),
  /** The rules of a stage before and after a change, as JSON. */
  rules: nullable(v.string()),
  /** The write that recorded it, and its place among the events of that write. */
  operation: nullable(v.string()),
  position: nullable(v.number()),
});
export type EventRow = v.InferOutput<typeof eventRow>;
