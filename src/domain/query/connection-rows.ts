import { AliasChange } from "../../model/alias.ts";
import type { ExecutionSlot, Run, Slot, Step } from "../../model/execution.ts";
import type { Promotion } from "../../model/promotion.ts";
import type { Version } from "../../model/version.ts";
import {
  type ExecutionRow,
  type PromotionRow,
  toExecution,
  toPromotion,
  toRun,
  toStep,
  toVersion,
  type VersionRow,
} from "../core/rows.ts";
import type { RelatedRow } from "./connections.ts";

interface AliasChangeRow {
  alias: string;
  actor: string;
  at: number;
  from?: string | null;
  to?: string | null;
}

/** An input or output of an execution. */
export const relatedSlot = ({ slot, role, item }: RelatedRow<VersionRow>): Slot => ({
  name: slot || null,
  role: role || null,
  version: toVersion(item),
});

/** An execution that made or read a version. */
export const relatedExecution = ({ slot, role, item }: RelatedRow<ExecutionRow>): ExecutionSlot => ({
  execution: toExecution(item),
  slot: slot || null,
  role: role || null,
});

/** A version of an artifact. */
export const relatedVersion = ({ item }: RelatedRow<VersionRow>): Version => toVersion(item);

/** A child of a run. */
export const relatedRun = ({ item }: RelatedRow<ExecutionRow>): Run => toRun(item);

/** A step of a run. */
export const relatedStep = ({ item }: RelatedRow<ExecutionRow>): Step => toStep(item);

/** An entry in the history of stages. */
export const relatedPromotion = ({ item }: RelatedRow<PromotionRow>): Promotion => toPromotion(item);

/** A move of an alias. */
export const relatedAliasChange = ({ item }: RelatedRow<AliasChangeRow>): AliasChange =>
  Object.assign(new AliasChange(), { ...item, fromId: item.from ?? null, toId: item.to ?? null });
