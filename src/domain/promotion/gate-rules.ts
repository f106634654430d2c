import { isGiven } from "../../lib/is-given.ts";
import type { Kind } from "../../model/enums.ts";
import type {
  ApprovalsGateInput,
  Comparator,
  GateInput,
  LineageGateInput,
  MetadataGateInput,
} from "../../model/gate.ts";
import { invalid } from "../core/errors.ts";
import { toExactNumber } from "../core/exact-number.ts";
import { isNotANumber } from "../core/metadata.ts";
import { type Role, validateRole } from "../core/permissions.ts";
import {
  validateJson,
  validateList,
  validateProjectName,
  validateSelectorName,
  validateShortText,
} from "../core/validation.ts";

/** Compares a value of a version's metadata with a fixed value, or with the value of the stage's current holder. */
export interface MetadataRule {
  key: string;
  op: Comparator;
  value?: unknown;
  holder?: { minImprovement: number };
}
/** Requires a consumer of the version (a version that was made from it), or that its inputs are in a stage. */
export interface LineageRule {
  consumerKind?: Kind;
  consumerTag?: string;
  inputStage?: string;
  /** Other projects whose versions count, besides the stage's own. */
  projects?: string[];
}
/** Requires approvals of this many different actors. */
export interface ApprovalsRule {
  count: number;
  role?: Role;
  ownAllowed: boolean;
}
/** A gate as it is stored with its stage; exactly one kind of rule is set. */
export interface GateRule {
  name: string;
  rule: { metadata?: MetadataRule; requires?: LineageRule; approvals?: ApprovalsRule };
}

const maxGates = 100;
const maxProjects = 100;
const maxApprovals = 1_000;
const maxNameLength = 1_000;

function toMetadataRule({ key, op, value, holder }: MetadataGateInput, field: string): MetadataRule {
  validateShortText(key, `${field}.key`);
  if (isGiven(value) === isGiven(holder)) throw invalid(field, "give exactly one of `value` and `holder`");
  if (holder) {
    if (op === "EQ") throw invalid(`${field}.op`, "EQ cannot compare with the holder; use GT, GTE, LT or LTE");
    return { key, op, holder: { minImprovement: holder.minImprovement } };
  }
  validateJson(value, `${field}.value`);
  if (isNotANumber(value)) throw invalid(`${field}.value`, "no value compares with NaN; give another number");
  if (op !== "EQ" && !toExactNumber(value)) {
    throw invalid(`${field}.value`, `must be a number to be compared with ${op}; use EQ for any other value`);
  }
  return { key, op, value };
}

function toLineageRule(
  { consumerKind, consumerTag, inputStage, projects }: LineageGateInput,
  field: string,
): LineageRule {
  const rule = {
    ...(consumerKind && { consumerKind }),
    ...(isGiven(consumerTag) && { consumerTag: validateShortText(consumerTag, `${field}.consumerTag`) }),
    ...(isGiven(inputStage) && { inputStage: validateSelectorName(inputStage, `${field}.inputStage`) }),
  };
  if (!Object.keys(rule).length) {
    throw invalid(field, "give at least one of `consumerKind`, `consumerTag` and `inputStage`");
  }
  const others = validateList(projects, `${field}.projects`);
  if (others.length > maxProjects) throw invalid(`${field}.projects`, `at most ${maxProjects}, not ${others.length}`);
  others.forEach((project, i) => void validateProjectName(project, `${field}.projects[${i}]`));
  return { ...rule, ...(others.length && { projects: [...new Set(others)] }) };
}

/** The projects that gates name besides their stage's own. */
export function getNamedProjects(gates: GateRule[]): string[] {
  return gates.flatMap(({ rule }) => rule.requires?.projects ?? []);
}

function toApprovalsRule({ count, role, ownAllowed }: ApprovalsGateInput, field: string): ApprovalsRule {
  if (count < 1 || count > maxApprovals) throw invalid(`${field}.count`, `must be from 1 to ${maxApprovals}`);
  const requiredRole = validateRole(role ?? null, `${field}.role`);
  return { count, ownAllowed: ownAllowed ?? false, ...(requiredRole && { role: requiredRole }) };
}

function toRule({ metadata, requires, approvals }: GateInput, field: string): GateRule["rule"] {
  if ([metadata, requires, approvals].filter(isGiven).length !== 1) {
    throw invalid(field, "give exactly one of `metadata`, `requires` and `approvals`");
  }
  if (metadata) return { metadata: toMetadataRule(metadata, `${field}.metadata`) };
  if (requires) return { requires: toLineageRule(requires, `${field}.requires`) };
  return approvals ? { approvals: toApprovalsRule(approvals, `${field}.approvals`) } : {};
}

function toDefaultName({ metadata, requires, approvals }: GateRule["rule"]): string {
  if (metadata) {
    return `${metadata.key} ${metadata.op}${metadata.holder ? " holder" : ""}`.slice(0, maxNameLength);
  }
  return requires
    ? `requires ${Object.keys(requires)
        .filter((key) => key !== "projects")
        .join(" ")}`
    : `approvals ${approvals?.count}`;
}

function toGate(input: GateInput, i: number): GateRule {
  const field = `gates[${i}]`;
  const rule = toRule(input, field);
  return { name: isGiven(input.name) ? validateShortText(input.name, `${field}.name`) : toDefaultName(rule), rule };
}

/** The gates of a stage as they are stored: each has exactly one rule and a name that is unique in the stage. `INVALID_INPUT` otherwise. */
export function validateGates(inputs: GateInput[] | null | undefined, exclusive: boolean): GateRule[] {
  const gates = validateList(inputs, "gates").map(toGate);
  if (gates.length > maxGates) throw invalid("gates", `a stage has at most ${maxGates} gates, not ${gates.length}`);
  const duplicate = gates.findIndex(({ name }, i) => gates.findIndex((gate) => gate.name === name) < i);
  if (duplicate >= 0) throw invalid(`gates[${duplicate}].name`, `duplicate gate "${gates[duplicate]?.name}"`);
  validateHolderGates(gates, exclusive);
  return gates;
}

/** Rejects gates that compare with the holder (`INVALID_INPUT`) unless the stage is exclusive: only then does it have a single holder. */
export function validateHolderGates(gates: GateRule[], exclusive: boolean): void {
  const wrong = gates.findIndex(({ rule }) => rule.metadata?.holder);
  if (!exclusive && wrong >= 0) {
    throw invalid(`gates[${wrong}].metadata.holder`, "only an exclusive stage has a single holder to compare with");
  }
}
