import type { Kind } from "../../model/enums.ts";
import type {
  ApprovalsGateInput,
  Comparator,
  GateInput,
  LineageGateInput,
  MetadataGateInput,
} from "../../model/gate.ts";
import { invalid } from "../core/errors.ts";
import { toPlainValue } from "../core/metadata.ts";
import { type Role, validateRole } from "../core/permissions.ts";
import { validateJson, validateList, validateSelectorName, validateShortText } from "../core/validation.ts";

/** A comparison of a version's metadata with a value, or with what the present holder has. */
export interface MetadataRule {
  key: string;
  op: Comparator;
  value?: unknown;
  holder?: { minImprovement: number };
}
/** What must be made from a version, and where what it was made from must be. */
export interface LineageRule {
  consumerKind?: Kind;
  consumerTag?: string;
  inputStage?: string;
}
/** How many different actors must have approved. */
export interface ApprovalsRule {
  count: number;
  role?: Role;
  ownAllowed: boolean;
}
/** A gate as a stage keeps it. */
export interface GateRule {
  name: string;
  rule: { metadata?: MetadataRule; requires?: LineageRule; approvals?: ApprovalsRule };
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function metadataRule({ key, op, value, holder }: MetadataGateInput, field: string): MetadataRule {
  validateShortText(key, `${field}.key`);
  if (isGiven(value) === isGiven(holder)) throw invalid(field, "compares with `value` or with `holder`, one of them");
  if (holder) {
    if (op === "EQ") throw invalid(`${field}.op`, "the holder's value is compared with GT, GTE, LT or LTE");
    return { key, op, holder: { minImprovement: holder.minImprovement } };
  }
  validateJson(value, `${field}.value`);
  const plain = toPlainValue(value);
  if (Number.isNaN(plain)) throw invalid(`${field}.value`, "nothing compares with NaN");
  if (op !== "EQ" && typeof plain !== "number") {
    throw invalid(`${field}.value`, `${op} compares numbers: text and anything else only with EQ`);
  }
  return { key, op, value };
}

function lineageRule({ consumerKind, consumerTag, inputStage }: LineageGateInput, field: string): LineageRule {
  const rule = {
    ...(consumerKind && { consumerKind }),
    ...(isGiven(consumerTag) && { consumerTag: validateShortText(consumerTag ?? "", `${field}.consumerTag`) }),
    ...(isGiven(inputStage) && { inputStage: validateSelectorName(inputStage ?? "", `${field}.inputStage`) }),
  };
  if (!Object.keys(rule).length) throw invalid(field, "requires nothing: give consumerKind, consumerTag or inputStage");
  return rule;
}

function approvalsRule({ count, role, ownAllowed }: ApprovalsGateInput, field: string): ApprovalsRule {
  if (count < 1 || count > 1_000) throw invalid(`${field}.count`, "1 to 1,000");
  const wanted = validateRole(role ?? null, `${field}.role`);
  return { count, ownAllowed: ownAllowed ?? false, ...(wanted && { role: wanted }) };
}

function ruleOf({ metadata, requires, approvals }: GateInput, field: string): GateRule["rule"] {
  if ([metadata, requires, approvals].filter(isGiven).length !== 1) {
    throw invalid(field, "one of `metadata`, `requires` and `approvals`");
  }
  if (metadata) return { metadata: metadataRule(metadata, `${field}.metadata`) };
  if (requires) return { requires: lineageRule(requires, `${field}.requires`) };
  return approvals ? { approvals: approvalsRule(approvals, `${field}.approvals`) } : {};
}

function nameOf({ metadata, requires, approvals }: GateRule["rule"]): string {
  if (metadata) return `${metadata.key} ${metadata.op}${metadata.holder ? " holder" : ""}`.slice(0, 1_000);
  return requires ? `requires ${Object.keys(requires).join(" ")}` : `approvals ${approvals?.count}`;
}

const most = 100;

/** The gates of a stage, checked: each says one thing, under a name of its own. */
export function validateGates(inputs: GateInput[] | null | undefined, exclusive: boolean): GateRule[] {
  const gates = validateList(inputs, "gates").map((input, i): GateRule => {
    const rule = ruleOf(input, `gates[${i}]`);
    return { name: isGiven(input.name) ? validateShortText(input.name ?? "", `gates[${i}].name`) : nameOf(rule), rule };
  });
  if (gates.length > most) throw invalid("gates", `at most ${most}`);
  const twice = gates.findIndex(({ name }, i) => gates.findIndex((gate) => gate.name === name) < i);
  if (twice >= 0) throw invalid(`gates[${twice}].name`, `"${gates[twice]?.name}" stands twice`);
  validateHolderGates(gates, exclusive);
  return gates;
}

/** Only an exclusive stage has the one holder that a gate can compare with. */
export function validateHolderGates(gates: GateRule[], exclusive: boolean): void {
  const wrong = gates.findIndex(({ rule }) => rule.metadata?.holder);
  if (!exclusive && wrong >= 0) {
    throw invalid(`gates[${wrong}].metadata.holder`, "a stage that is not exclusive has no one holder to compare with");
  }
}
