import { AliasChange } from "../../model/alias.ts";
import type { ExecutionSlot, Run, Slot, Step } from "../../model/execution.ts";
import type { Promotion } from "../../model/promotion.ts";
import type { Version } from "../../model/version.ts";
import { type ExecutionRow, toExecution, toRun, toStep } from "../core/execution-row.ts";
import { type PromotionRow, toPromotion } from "../core/promotion-row.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import type { RelatedRow } from "./connections.ts";

interface AliasChangeRow {
  alias: string;
  actor: string;
  at: number;
  from?: string | null;
  to?: string | null;
}

/** An input or output of an execution. */
export function toRelatedSlot({ slot, role, item }: RelatedRow<VersionRow>): Slot {
  return {
    name: slot || null,
    role: role || null,
    version: toVersion(item),
  };
}

/** An execution that made or read a version. */
export function toRelatedExecution({ slot, role, item }: RelatedRow<ExecutionRow>): ExecutionSlot {
  return {
    execution: toExecution(item),
    slot: slot || null,
    role: role || null,
  };
}

/** A version of an artifact. */
export function toRelatedVersion({ item }: RelatedRow<VersionRow>): Version {
  return toVersion(item);
}

/** A child of a run. */
export function toRelatedRun({ item }: RelatedRow<ExecutionRow>): Run {
  return toRun(item);
}

/** A step of a run. */
export function toRelatedStep({ item }: RelatedRow<ExecutionRow>): Step {
  return toStep(item);
}

/** An entry in the history of stages. */
export function toRelatedPromotion({ item }: RelatedRow<PromotionRow>): Promotion {
  return toPromotion(item);
}

/** A move of an alias. */
export function toRelatedAliasChange({ item }: RelatedRow<AliasChangeRow>): AliasChange {
  return Object.assign(new AliasChange(), { ...item, fromId: item.from ?? null, toId: item.to ?? null });
}
