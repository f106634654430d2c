import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Comparator, GateResult } from "../../model/gate.ts";
import { DomainError } from "../core/errors.ts";
import { getMetadataValue, toPlainValue } from "../core/metadata.ts";
import { satisfiesRole } from "../core/permissions.ts";
import type { GateFacts } from "./gate-facts.ts";
import type { ApprovalsRule, GateRule, LineageRule, MetadataRule } from "./gate-rules.ts";

type Judged = Omit<GateResult, "name">;

function numberOf(value: unknown): number {
  const plain = toPlainValue(value);
  return typeof plain === "number" ? plain : Number.NaN;
}

/** NaN compares with nothing, and so does what is missing or no number, but for EQ of anything that is there. */
function compares(op: Comparator, found: unknown, wanted: unknown): boolean {
  if (found === undefined) return false;
  if (op === "EQ") {
    const [a, b] = [toPlainValue(found), toPlainValue(wanted)];
    return !Number.isNaN(a) && canonicalJson(a) === canonicalJson(b);
  }
  const [a, b] = [numberOf(found), numberOf(wanted)];
  if (op === "GT") return a > b;
  if (op === "GTE") return a >= b;
  return op === "LT" ? a < b : a <= b;
}

/** 0.1 + 0.2 is 0.3 to whoever reads it: the sum is rounded to what a decimal number of this size can be told by. */
function sum(a: number, b: number): number {
  return Number((a + b).toPrecision(15));
}

function evaluateMetadata({ key, op, value, holder }: MetadataRule, facts: GateFacts): Judged {
  const found = getMetadataValue(facts.metadata, key);
  const shown = found ?? null;
  if (!holder) return { passed: compares(op, found, value), expected: { key, op, value }, found: shown };
  const { minImprovement } = holder;
  if (!facts.holder) return { passed: true, expected: { key, op, holder: null, minImprovement }, found: shown };
  const theirs = getMetadataValue(facts.holder.metadata, key);
  const signed = op === "LT" || op === "LTE" ? -minImprovement : minImprovement;
  const bar = sum(numberOf(theirs), signed);
  const expected = { key, op, value: Number.isFinite(bar) ? bar : null, minImprovement };
  return {
    passed: compares(op, found, bar),
    expected: { ...expected, holder: { version: facts.holder.id, value: theirs ?? null } },
    found: shown,
  };
}

function evaluateLineage(rule: LineageRule, facts: GateFacts, index: number): Judged {
  const { inputStage, ...consumed } = rule;
  const consumers = facts.consumers.filter((consumer) => consumer.gate === index).map(({ id }) => id);
  const outside = facts.inputs.filter(({ stage }) => stage !== inputStage).map(({ id }) => id);
  const asksConsumer = Object.keys(consumed).length > 0;
  return {
    passed: (!asksConsumer || consumers.length > 0) && (inputStage === undefined || outside.length === 0),
    expected: rule,
    found: {
      ...(asksConsumer && { consumers: consumers.slice(0, 1) }),
      ...(inputStage !== undefined && { inputs: facts.inputs.length, notInStage: outside.slice(0, 10) }),
    },
  };
}

function evaluateApprovals({ count, role, ownAllowed }: ApprovalsRule, facts: GateFacts): Judged {
  const counted = facts.approvals.filter(
    (approval) => (ownAllowed || approval.actor !== facts.author) && (!role || satisfiesRole(approval.role, role)),
  );
  const by = [...new Set(counted.map(({ actor }) => actor))].sort();
  return {
    passed: by.length >= count,
    expected: { count, ...(role && { role }), ownAllowed },
    found: { count: by.length, by },
  };
}

function evaluateGate({ name, rule }: GateRule, facts: GateFacts, index: number): GateResult {
  if (rule.metadata) return { name, ...evaluateMetadata(rule.metadata, facts) };
  if (rule.requires) return { name, ...evaluateLineage(rule.requires, facts, index) };
  if (rule.approvals) return { name, ...evaluateApprovals(rule.approvals, facts) };
  throw new Error(`the gate ${name} has no rule`);
}

/** What each gate says of a version, whether it lets it through or not. */
export function evaluateGates(gates: GateRule[], facts: GateFacts): GateResult[] {
  return gates.map((gate, i) => evaluateGate(gate, facts, i));
}

function describe({ name, expected, found }: GateResult): string {
  return `${name}: wanted ${JSON.stringify(expected)}, found ${found === null ? "nothing" : JSON.stringify(found)}`;
}

/** Refuses with `GATE_FAILED` and all gates when one doesn't let the version through. */
export function assertGatesPassed(results: GateResult[]): void {
  const failed = results.filter(({ passed }) => !passed);
  if (!failed.length) return;
  const message = `${failed.length} of ${results.length} gates failed. ${failed.map(describe).join("; ")}`;
  throw new DomainError("GATE_FAILED", message.slice(0, 4_000), { gates: results });
}
