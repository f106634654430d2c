import type { GateResult } from "../../model/gate.ts";
import type { DemoteInput, PromoteInput, PromotionKind, RollbackInput } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { lockArtifact, lockArtifactsThere } from "../artifacts/update-artifact.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { type NewEvent, runIdempotent, type WriteOutcome } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/rows.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { findFormerHolder } from "./former-holders.ts";
import { findGatedArtifacts, findGateFacts } from "./gate-facts.ts";
import { assertGatesPassed, evaluateGates } from "./gates.ts";
import { findOccupancy, type Move, type Occupancy, planMoves, recordMoves } from "./moves.ts";
import { authorizeStages, findStages, getStage, lockStages, type StageRules, type Stages } from "./stages.ts";

/** What was done, by id: the entry in the history, and who held the stage before. */
export interface Promoted {
  promotionId: string | null;
  previousId: string | null;
  /** What the gates said; null for a promotion that was made before. */
  gates: GateResult[] | null;
}

/** A version under the locks of its project's stages and its artifact: `at` is the time by its clock. */
interface Locked {
  row: VersionRow;
  stages: Stages;
  at: number;
}

/** What is done, to whom, in which stage, and why. */
interface Action {
  kind: PromotionKind;
  stage: string;
  previous: string | null;
  reason: string | null;
  moves: Move[];
  forced?: boolean;
  gates?: GateResult[];
}

async function named(run: Transaction["run"], actor: Actor, ref: string): Promise<VersionRow> {
  const row = (await resolveReferences(run, actor, [{ text: ref, field: "version" }])).get(ref);
  if (row?.state === "DELETED") throw new DomainError("GONE", `${ref} was deleted`, {});
  if (!row) throw notFound(`version ${ref}`);
  return row;
}

/**
 * The version of a reference as it is under the locks: its project's stages, its artifact, and the artifacts that the gates of a stage look
 * at, in one order for all. A deleted one is `GONE`.
 */
async function lockNamed(
  context: RequestContext,
  tx: Transaction,
  ref: string,
  into: string | null,
  action: "version:promote" | "version:force" = "version:promote",
): Promise<Locked & { among: string[] }> {
  const { id, project, artifactKey: key } = await named(tx.run, context.actor, ref);
  authorize(context.actor, action, project);
  const stages = await lockStages(context.ports, tx, project);
  const gates = into === null ? [] : getStage(stages, into).gates;
  const locked = await lockArtifactsThere(context.ports, tx, [key, ...(await findGatedArtifacts(tx.run, gates, id))]);
  const own = locked.find(({ artifact }) => artifact.key === key);
  // Read again: an alias or stage may have moved, and what is known of the version changed, before the lock.
  const row = await named(tx.run, context.actor, ref);
  if (!own || row.artifactKey !== key) throw new DomainError("GONE", `${ref} was deleted`, {});
  return { row, stages, at: own.at, among: locked.map(({ artifact }) => artifact.key) };
}

/** Records an action under the locks, with the events that tell of it. */
async function recordPromotion(
  context: RequestContext,
  tx: Transaction,
  { row, stages, at }: Locked,
  action: Action,
): Promise<WriteOutcome<Promoted>> {
  const { kind, stage, previous, reason, moves, forced = false, gates = [] } = action;
  const [own, ...displaced] = moves;
  const id = context.ports.newId();
  const { project, artifactKey: key } = row;
  const promotion = { id, kind, stage, previous, reason, forced, from: own?.from ?? null, version: row.id };
  await recordMoves(tx.run, stages, moves, {
    ...{ ...promotion, project, artifactKey: key, actor: context.actor.name, at },
    gates: JSON.stringify(gates),
    rank: orderingKey(at, 0, id),
  });
  const about = { at, project, artifactKey: key, kind: row.kind, promotion: id };
  const type = kind === "DEMOTED" ? "VERSION_DEMOTED" : "VERSION_PROMOTED";
  // Who was displaced from the stage itself is told as `previous`; whoever that one displaced in turn has an event of its own.
  const others = displaced
    .slice(1)
    .map(({ version, from }): NewEvent => ({ ...about, type: "VERSION_DEMOTED", version, stage: from ?? "" }));
  const told: NewEvent = { ...about, type, version: row.id, stage, ...(previous && { previous }) };
  return { result: { promotionId: id, previousId: previous, gates }, events: [told, ...others] };
}

function unchanged(promotionId: string): WriteOutcome<Promoted> {
  return {
    result: { promotionId, previousId: null, gates: null },
    events: [],
  };
}

/** Only an exclusive stage has the one holder that can be expected. */
function assertExpectedHolder(
  actor: Actor,
  run: Transaction["run"],
  stage: StageRules,
  standing: Occupancy,
  expected: string | null | undefined,
): Promise<void> {
  if (!stage.exclusive && expected !== undefined) {
    throw invalid("expectedCurrent", `${stage.name} is not exclusive: there is no one holder to expect`);
  }
  return assertExpectedCurrent(run, actor, expected, standing.holders.get(stage.name)?.version ?? null);
}

/** What promoting a version would do; `among` are the artifacts that are locked, null for a look without locks. */
async function evaluate(
  run: Transaction["run"],
  actor: Actor,
  { row, stages, among }: { row: VersionRow; stages: Stages; among: string[] | null },
  { stage: name, expectedCurrent }: PromoteInput,
) {
  const stage = getStage(stages, name);
  const standing = await findOccupancy(run, stages, row.artifactKey, row.id);
  authorizeStages(actor, row.project, [stage, stages.get(standing.own?.stage ?? "")]);
  await assertExpectedHolder(actor, run, stage, standing, expectedCurrent);
  const present = standing.own?.stage === name ? standing.own.promotion : null;
  const moves = planMoves(stages, standing, row, name);
  const previous = present === null ? (moves[1]?.version ?? null) : null;
  const facts = present === null ? await findGateFacts(run, stage, row, previous, among) : null;
  return { present, moves, previous, gates: facts && evaluateGates(stage.gates, facts) };
}

/** What would happen, without a lock and without a trace. */
async function dryRun(context: RequestContext, input: PromoteInput): Promise<Promoted> {
  const { read } = context.ports.graph;
  const row = await named(read, context.actor, input.version);
  authorize(context.actor, input.force ? "version:force" : "version:promote", row.project);
  const stages = await findStages(read, row.project);
  const { present, previous, gates } = await evaluate(read, context.actor, { row, stages, among: null }, input);
  return present === null ? { promotionId: null, previousId: previous, gates: gates ?? [] } : unchanged(present).result;
}

/**
 * Moves a version into a stage; the holder of an exclusive one moves out in the same transaction. Promoting who is there already changes
 * nothing. `CONFLICT` with the actual holder when it isn't who was expected, `GATE_FAILED` unless all gates pass or it is forced, `GONE` for
 * a deleted version. A dry run only tells what would happen.
 */
export async function promote(context: RequestContext<"eventLog">, input: PromoteInput): Promise<Promoted> {
  const stage = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  if (input.dryRun) return dryRun(context, input);
  const forced = input.force ?? false;
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockNamed(context, tx, input.version, stage, forced ? "version:force" : "version:promote");
    const { present, moves, previous, gates } = await evaluate(tx.run, context.actor, locked, input);
    if (present !== null) return unchanged(present);
    const results = gates ?? [];
    if (!forced) assertGatesPassed(results);
    const action = { kind: "PROMOTED" as const, stage, previous, reason, moves, forced, gates: results };
    return recordPromotion(context, tx, locked, action);
  });
  return result;
}

/** Takes a version out of a stage, into none; `CONFLICT` when it isn't in it. */
export async function demote(context: RequestContext<"eventLog">, input: DemoteInput): Promise<Promoted> {
  const name = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockNamed(context, tx, input.version, null);
    const { row, stages } = locked;
    const stage = getStage(stages, name);
    authorizeStages(context.actor, row.project, [stage]);
    const { own } = await findOccupancy(tx.run, stages, row.artifactKey, row.id);
    if (own?.stage !== name) {
      const actual = own?.stage ?? null;
      throw new DomainError("CONFLICT", `${row.key} is in ${actual ?? "no stage"}, not ${name}`, {
        expected: name,
        actual,
      });
    }
    const moves = [{ version: row.id, number: row.number, from: name, to: null }];
    return recordPromotion(context, tx, locked, { kind: "DEMOTED", stage: name, previous: null, reason, moves });
  });
  return result;
}

/**
 * Gives an exclusive stage back to its holder before the present one, or the last one when nobody holds it: step by step, deleted ones
 * skipped, no gates. `NOT_FOUND` when there was nobody before.
 */
export async function rollback(context: RequestContext<"eventLog">, input: RollbackInput): Promise<Promoted> {
  const { project } = input;
  const name = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  authorize(context.actor, "version:promote", project);
  const key = artifactKey(project, input.name);
  const { result } = await runIdempotent(context, async (tx) => {
    const stages = await lockStages(context.ports, tx, project);
    const { at } = await lockArtifact(context.ports, tx, key);
    const stage = getStage(stages, name);
    if (!stage.exclusive) throw invalid("stage", `${name} is not exclusive: it has no holder to go back from`);
    const present = (await findOccupancy(tx.run, stages, key, null)).holders.get(name)?.version ?? null;
    const row = await findFormerHolder(tx.run, key, name, present);
    const standing = await findOccupancy(tx.run, stages, key, row?.id ?? null);
    authorizeStages(context.actor, project, [stage, stages.get(standing.own?.stage ?? "")]);
    await assertExpectedHolder(context.actor, tx.run, stage, standing, input.expectedCurrent);
    if (!row) throw notFound(`a holder of ${name} before the present one of ${key}`);
    const moves = planMoves(stages, standing, row, name);
    const action = { kind: "ROLLED_BACK" as const, stage: name, previous: present, reason, moves };
    return recordPromotion(context, tx, { row, stages, at }, action);
  });
  return result;
}
