import * as v from "valibot";
import { contentHash } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { EventType } from "../../model/event.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { anyValue, nullable, statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "./context.ts";
import { DomainError } from "./errors.ts";
import type { Actor } from "./permissions.ts";
import { validateShortText } from "./validation.ts";

/** An event that is written with a change: its type, its time by the clock of the artifact or run, and the ids of what it is about. */
export interface NewEvent {
  type: EventType;
  at: number;
  project: string;
  artifactKey?: string;
  kind?: string;
  tags?: string[];
  version?: string;
  /** The version's number, in VERSION_LOGGED. */
  number?: number;
  previous?: string;
  run?: string;
  step?: string;
  alias?: string;
  stage?: string;
  promotion?: string;
  /** What is doubtful about what was recorded, in a sentence. */
  warning?: string;
  /** The rules of the stage before and after the change, as JSON: `{ before, after }`. */
  rules?: string;
}

/** Makes a write idempotent: `key`, given by the caller, is unique among the writes of one verb in its `scope` (a project, or a run). */
export interface Idempotency {
  verb: string;
  scope: string;
  key: string;
  content: Value | object;
}

/**
 * The idempotency of a write whose input has an optional `key`; undefined without a key, and the write is then applied on every call. A key that
 * is not 1 to 1,024 characters is `INVALID_INPUT` or `TOO_LARGE`.
 */
export function toIdempotency(
  verb: string,
  scope: string,
  key: string | null | undefined,
  content: Value | object,
): Idempotency | undefined {
  return isGiven(key) ? { verb, scope, key: validateShortText(key, "key"), content } : undefined;
}

/** What a write returns: a result small enough to be stored, and its events in order. */
export interface WriteOutcome<T> {
  result: T;
  events: NewEvent[];
}

const claimRow = v.object({
  attemptId: v.string(),
  hash: v.string(),
  /** The result of the first attempt that committed, as JSON; null before any has. */
  result: nullable(v.string()),
});
type Claim = v.InferOutput<typeof claimRow>;

const claimOperation = statement({
  name: "claim-operation",
  params: { key: v.string(), attemptId: v.string(), hash: v.string(), expiresAt: v.nullable(v.number()) },
  row: claimRow.entries,
});
const finishOperation = statement({
  name: "finish-operation",
  params: { key: v.string(), result: v.string(), events: anyValue },
  row: {},
});

/** Milliseconds for which a write without a key is remembered, longer than any store retries it. */
const retryWindowMs = 3_600_000;

function toEventRows(events: NewEvent[], actor: Actor, attemptId: string): Value {
  return events.map((event, position) => ({ ...event, actor: actor.name, operation: attemptId, position }));
}

/**
 * Runs `work` in one transaction that is applied once. A retry after a commit whose outcome was unknown, and a repeated call with the same key
 * and content, get the first result (`created: false` for the latter). The same key with other content is `CONFLICT`. Events commit with the change.
 */
export async function runIdempotent<T extends Value | object>(
  context: RequestContext<"eventLog">,
  work: (tx: Transaction) => Promise<WriteOutcome<T>>,
  idempotency?: Idempotency,
): Promise<{ result: T; created: boolean }> {
  const { graph, newId, now } = context.ports;
  const attemptId = newId();
  const key = idempotency ? `${idempotency.verb}/${idempotency.scope}/${idempotency.key}` : attemptId;
  const hash = idempotency ? contentHash(idempotency.content) : attemptId;
  const expiresAt = idempotency ? null : now() + retryWindowMs;
  const outcome = await graph.write(async (tx) => {
    const [claim] = await tx.run(claimOperation, { key, attemptId, hash, expiresAt });
    if (claim?.result) return replayResult<T>(claim, { attemptId, hash, key: idempotency?.key ?? key });
    const { result, events } = await work(tx);
    tx.send(finishOperation, {
      key,
      result: JSON.stringify(result),
      events: toEventRows(events, context.actor, attemptId),
    });
    return { result, created: true };
  });
  context.services.eventLog.notify();
  return outcome;
}

function replayResult<T>(claim: Claim, current: { attemptId: string; hash: string; key: string }) {
  if (claim.hash !== current.hash) {
    const message = `key "${current.key}" was already used with different input; repeat that input or use another key`;
    throw new DomainError("CONFLICT", message, { expected: claim.hash, actual: current.hash });
  }
  const result: T = JSON.parse(claim.result ?? "null");
  return { result, created: claim.attemptId === current.attemptId };
}
