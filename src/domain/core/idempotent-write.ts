import { contentHash } from "../../lib/canonical-json.ts";
import type { EventType } from "../../model/event.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "./context.ts";
import { DomainError } from "./errors.ts";
import type { Actor } from "./permissions.ts";
import { validateShortText } from "./validation.ts";

/** An event to be: what happened, when (by the clock of the thing it is about), and to what, by id. */
export interface NewEvent {
  type: EventType;
  at: number;
  project: string;
  artifactKey?: string;
  kind?: string;
  tags?: string[];
  version?: string;
  /** The version's number, of VERSION_LOGGED. */
  number?: number;
  previous?: string;
  run?: string;
  step?: string;
  alias?: string;
  stage?: string;
  promotion?: string;
}

/** The caller's key for a write that may be repeated: unique among the writes of one verb in its `scope` (a project, or a run). */
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
  return key ? { verb, scope, key: validateShortText(key, "key"), content } : undefined;
}

/** What a write gives: an answer small enough to keep, and its events in order. */
export interface WriteOutcome<T> {
  result: T;
  events: NewEvent[];
}

type Claim = { attempt: string; hash: string; result: string | null };
const claimOperation = statement<{ key: string; attempt: string; hash: string; expiresAt: number | null }, Claim>(
  "claim-operation",
);
const finishOperation = statement<{ key: string; result: string; events: Value }, never>("finish-operation");

const hour = 3_600_000;

function eventRows(events: NewEvent[], actor: Actor, attempt: string): Value {
  return events.map((event, position) => ({ ...event, actor: actor.name, operation: attempt, position }));
}

/**
 * One transaction, applied once: a retry after a commit whose outcome was unknown, and a repeated call with the same key and content,
 * get the first result (`created: false` for the latter). The same key with other content is `CONFLICT`. Events commit with the change.
 */
export async function runIdempotent<T extends Value | object>(
  context: RequestContext<"eventLog">,
  work: (tx: Transaction) => Promise<WriteOutcome<T>>,
  idempotency?: Idempotency,
): Promise<{ result: T; created: boolean }> {
  const attempt = context.ports.newId();
  const key = idempotency ? `${idempotency.verb}/${idempotency.scope}/${idempotency.key}` : attempt;
  const hash = idempotency ? contentHash(idempotency.content) : attempt;
  const expiresAt = idempotency ? null : context.ports.now() + hour;
  const answer = await context.ports.graph.write(async (tx) => {
    const [claim] = await tx.run(claimOperation, { key, attempt, hash, expiresAt });
    if (claim?.result) return replayResult<T>(claim, { attempt, hash, key: idempotency?.key ?? key });
    const { result, events } = await work(tx);
    tx.send(finishOperation, {
      key,
      result: JSON.stringify(result),
      events: eventRows(events, context.actor, attempt),
    });
    return { result, created: true };
  });
  context.services.eventLog.notify();
  return answer;
}

function replayResult<T>(claim: Claim, mine: { attempt: string; hash: string; key: string }) {
  if (claim.hash !== mine.hash) {
    const message = `the key ${mine.key} was used before with other content: repeat that content, or take another key`;
    throw new DomainError("CONFLICT", message, { expected: claim.hash, actual: mine.hash });
  }
  return { result: JSON.parse(claim.result ?? "null") as T, created: claim.attempt === mine.attempt };
}
