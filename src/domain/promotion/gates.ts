import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Comparator, GateResult } from "../../model/gate.ts";
import { DomainError } from "../core/errors.ts";
import { addTo, compareNumbers, toExactNumber } from "../core/exact-number.ts";
import { getMetadataValue, isNotANumber, toPlainValue } from "../core/metadata.ts";
import { satisfiesRole } from "../core/permissions.ts";
import type { GateFacts } from "./gate-facts.ts";
import type { ApprovalsRule, GateRule, LineageRule, MetadataRule } from "./gate-rules.ts";

type Evaluation = Omit<GateResult, "name">;

const maxListedInputs = 10;
const maxMessageLength = 4_000;

/** Whether a value found in metadata satisfies a comparison. NaN satisfies none, and only EQ takes values that are not numbers. */
function satisfies(op: Comparator, found: unknown, expected: unknown): boolean {
  if (found === undefined || isNotANumber(found)) return false;
  const [a, b] = [toExactNumber(found), toExactNumber(expected)];
  if (!a || !b)
    return op === "EQ" && !a === !b && canonicalJson(toPlainValue(found)) === canonicalJson(toPlainValue(expected));
  const order = compareNumbers(a, b);
  if (op === "EQ") return order === 0;
  if (op === "GT") return order > 0;
  if (op === "GTE") return order >= 0;
  return op === "LT" ? order < 0 : order <= 0;
}

function evaluateMetadata({ key, op, value, holder }: MetadataRule, facts: GateFacts): Evaluation {
  const own = getMetadataValue(facts.metadata, key);
  const found = own ?? null;
  if (!holder) return { passed: satisfies(op, own, value), expected: { key, op, value }, found };
  const { minImprovement } = holder;
  if (!facts.holder) return { passed: true, expected: { key, op, holder: null, minImprovement }, found };
  const holderValue = getMetadataValue(facts.holder.metadata, key);
  const improvement = op === "LT" || op === "LTE" ? -minImprovement : minImprovement;
  const threshold = addTo(holderValue, improvement);
  return {
    passed: satisfies(op, own, threshold),
    expected: {
      key,
      op,
      value: toExactNumber(threshold) && threshold,
      minImprovement,
      holder: { version: facts.holder.id, value: holderValue ?? null },
    },
    found,
  };
}

/** The ids of versions in a project, and how many are in others: results are kept in histories, which may be read without the right to read these. */
function splitByProject(versions: { id: string; project: string }[], project: string) {
  const own = versions.filter((version) => version.project === project).map(({ id }) => id);
  return { own, elsewhere: versions.length - own.length };
}

function evaluateLineage(rule: LineageRule, facts: GateFacts, gate: number): Evaluation {
  const { inputStage, projects = [], ...consumerRule } = rule;
  const consumers = splitByProject(
    facts.consumers.filter((consumer) => consumer.gate === gate),
    facts.project,
  );
  const counts = ({ project }: { project: string }) => project === facts.project || projects.includes(project);
  const missing = facts.inputs.filter((input) => !counts(input) || input.stage !== inputStage);
  const notInStage = splitByProject(missing, facts.project);
  const needsConsumer = Object.keys(consumerRule).length > 0;
  return {
    passed:
      (!needsConsumer || consumers.own.length + consumers.elsewhere > 0) &&
      (inputStage === undefined || missing.length === 0),
    expected: rule,
    found: {
      ...(needsConsumer && { consumers: consumers.own.slice(0, 1) }),
      ...(needsConsumer && consumers.elsewhere > 0 && { consumersElsewhere: consumers.elsewhere }),
      ...(inputStage !== undefined && {
        inputs: facts.inputs.length,
        notInStage: notInStage.own.slice(0, maxListedInputs),
        ...(notInStage.elsewhere > 0 && { notInStageElsewhere: notInStage.elsewhere }),
      }),
    },
  };
}

function evaluateApprovals({ count, role, ownAllowed }: ApprovalsRule, facts: GateFacts): Evaluation {
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

function evaluateGate({ name, rule }: GateRule, facts: GateFacts, i: number): GateResult {
  if (rule.metadata) return { name, ...evaluateMetadata(rule.metadata, facts) };
  if (rule.requires) return { name, ...evaluateLineage(rule.requires, facts, i) };
  if (rule.approvals) return { name, ...evaluateApprovals(rule.approvals, facts) };
  throw new Error(`gate "${name}" has no rule`);
}

/** The result of each gate for a version, whether it passes or not. `facts` must have been read for the same list of gates. */
export function evaluateGates(gates: GateRule[], facts: GateFacts): GateResult[] {
  return gates.map((gate, i) => evaluateGate(gate, facts, i));
}

function describeFailure({ name, expected, found }: GateResult): string {
  const actual = found === null ? "nothing" : JSON.stringify(found);
  return `${name}: expected ${JSON.stringify(expected)}, found ${actual}`;
}

/** Rejects with `GATE_FAILED` and the results of all gates unless all of them passed. */
export function assertGatesPassed(results: GateResult[]): void {
  const failed = results.filter(({ passed }) => !passed);
  if (!failed.length) return;
  const message = `${failed.length} of ${results.length} gates failed. ${failed.map(describeFailure).join("; ")}`;
  throw new DomainError("GATE_FAILED", message.slice(0, maxMessageLength), { gates: results });
}
