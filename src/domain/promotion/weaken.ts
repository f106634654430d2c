import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Comparator } from "../../model/gate.ts";
import { toPlainValue } from "../core/metadata.ts";
import { type Actor, authorize, satisfiesRole } from "../core/permissions.ts";
import type { ApprovalsRule, GateRule, LineageRule, MetadataRule } from "./gate-rules.ts";
import { authorizeStages, getDisplacementStage, type StageRules, type Stages } from "./stages.ts";

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}

const isLower: Record<Comparator, boolean> = { EQ: false, GT: false, GTE: false, LT: true, LTE: true };
const isStrict: Record<Comparator, boolean> = { EQ: true, GT: true, GTE: false, LT: true, LTE: false };

/** Whether all values that pass the comparison `op` with `value` pass the other one too. */
function impliesComparison(op: Comparator, value: unknown, otherOp: Comparator, other: unknown): boolean {
  if (op === otherOp && isSame(value, other)) return true;
  if (op === "EQ" || otherOp === "EQ" || isLower[op] !== isLower[otherOp]) return false;
  const [a, b] = [Number(toPlainValue(value)), Number(toPlainValue(other))];
  if (a === b) return isStrict[op] || !isStrict[otherOp];
  return isLower[op] ? a < b : a > b;
}

function impliesMetadata(rule: MetadataRule, other: MetadataRule): boolean {
  if (rule.key !== other.key || !rule.holder !== !other.holder) return false;
  const [value, otherValue] = [rule.holder?.minImprovement, other.holder?.minImprovement];
  if (value === undefined || otherValue === undefined) {
    return impliesComparison(rule.op, rule.value, other.op, other.value);
  }
  // For LT and LTE the improvement is subtracted.
  const sign = isLower[rule.op] ? -1 : 1;
  return impliesComparison(rule.op, sign * value, other.op, sign * otherValue);
}

function impliesLineage(rule: LineageRule, other: LineageRule): boolean {
  return Object.entries(other).every(([key, value]) =>
    isSame(Object.entries(rule).find(([k]) => k === key)?.[1], value),
  );
}

function impliesApprovals(rule: ApprovalsRule, other: ApprovalsRule): boolean {
  const role = other.role === undefined || (rule.role !== undefined && satisfiesRole(rule.role, other.role));
  return rule.count >= other.count && role && (other.ownAllowed || !rule.ownAllowed);
}

/** Whether every version that passes one gate passes the other. Gates that can't be compared do not. */
function implies({ rule }: GateRule, { rule: other }: GateRule): boolean {
  if (other.metadata) return rule.metadata !== undefined && impliesMetadata(rule.metadata, other.metadata);
  if (other.requires) return rule.requires !== undefined && impliesLineage(rule.requires, other.requires);
  return Boolean(rule.approvals && other.approvals && impliesApprovals(rule.approvals, other.approvals));
}

/** Whether the new rules let in what the old ones did not: a gate without a gate as strong in its place, or a lower role. */
export function isWeaker(after: StageRules, before: StageRules): boolean {
  const isRoleLower =
    before.requiredRole !== null && !satisfiesRole(after.requiredRole ?? "maintainer", before.requiredRole);
  return isRoleLower || before.gates.some((gate) => !after.gates.some((other) => implies(other, gate)));
}

function isGuarded({ gates, requiredRole }: StageRules): boolean {
  return gates.length > 0 || requiredRole !== null;
}

/** The stage that a change opens a new way into, past its gates: displaced versions are not judged. Undefined when there is none. */
function findNewDetour(stages: Stages, after: StageRules, before: StageRules): StageRules | undefined {
  const target = getDisplacementStage(after);
  if (target === null || target === getDisplacementStage(before)) return undefined;
  const rules = stages.get(target);
  return rules && isGuarded(rules) ? rules : undefined;
}

/** Rejects with `FORBIDDEN` an actor who weakens the rules of a stage without the role `admin` and the one that the stage requires. */
export function authorizeChange(
  actor: Actor,
  project: string,
  stages: Stages,
  { before, after }: { before: StageRules; after: StageRules },
): void {
  const weakened = [isWeaker(after, before) ? before : undefined, findNewDetour(stages, after, before)];
  if (!weakened.some((stage) => stage !== undefined)) return;
  authorize(actor, "stage:weaken", project);
  authorizeStages(actor, project, weakened);
}
