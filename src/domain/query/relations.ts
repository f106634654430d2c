import * as v from "valibot";
import { AliasChange } from "../../model/alias.ts";
import type { ExecutionSlot, Slot } from "../../model/execution.ts";
import { nullable } from "../../ports/statement.ts";
import { type ExecutionRow, executionRow, toExecution, toRun, toStep } from "../core/execution-row.ts";
import { promotionRow, toPromotion } from "../core/promotion-row.ts";
import type { FieldsOf } from "../core/row-values.ts";
import { toVersion, type VersionRow, versionRow } from "../core/version-row.ts";
import { defineRelation, type RelatedRow } from "./connections.ts";

const aliasChangeRow = v.object({
  alias: v.string(),
  actor: v.string(),
  at: v.number(),
  from: nullable(v.string()),
  to: nullable(v.string()),
});
type AliasChangeRow = v.InferOutput<typeof aliasChangeRow> & { asOf?: number | null };

function toAliasChange({ alias, actor, at, from, to, asOf = null }: AliasChangeRow): AliasChange {
  const fields: FieldsOf<AliasChange> = { alias, actor, at, asOf, fromId: from, toId: to };
  return Object.assign(new AliasChange(), fields);
}

function toSlot({ slot, role, item }: RelatedRow<VersionRow>): Slot {
  return { name: slot || null, role: role || null, version: toVersion(item) };
}

function toExecutionSlot({ slot, role, item }: RelatedRow<ExecutionRow>): ExecutionSlot {
  return { execution: toExecution(item), slot: slot || null, role: role || null };
}

/** The versions that an execution read, by its id. */
export const inputs = defineRelation("inputs", versionRow, toSlot);

/** The versions that an execution produced, by its id. */
export const outputs = defineRelation("outputs", versionRow, toSlot);

/** The executions that produced a version, by its id. */
export const producers = defineRelation("producers", executionRow, toExecutionSlot);

/** The executions that read a version, by its id. */
export const consumers = defineRelation("consumers", executionRow, toExecutionSlot);

/** The steps of a run, by its id. */
export const steps = defineRelation("steps", executionRow, ({ item }) => toStep(item));

/** The child runs of a run, by its id. */
export const children = defineRelation("children", executionRow, ({ item }) => toRun(item));

/** The versions of an artifact that have not been deleted, newest first, by its key. */
export const versions = defineRelation("versions", versionRow, ({ item }) => toVersion(item));

/** The moves of an artifact's aliases, newest first, by its key. */
export const aliasHistory = defineRelation("aliasHistory", aliasChangeRow, ({ item }) => toAliasChange(item), {
  newestFirst: true,
});

/** The promotions of a version, newest first, by its id. */
export const promotions = defineRelation("promotions", promotionRow, ({ item }) => toPromotion(item), {
  newestFirst: true,
});

/** The promotions of all versions of an artifact, newest first, by its key. */
export const artifactPromotions = defineRelation("artifactPromotions", promotionRow, ({ item }) => toPromotion(item), {
  newestFirst: true,
});
