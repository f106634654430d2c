import type { Status } from "../../model/enums.ts";
import { DomainError } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { finalStatuses } from "../recording/execution-draft.ts";

const transitions: Record<Status, readonly Status[]> = {
  QUEUED: ["RUNNING", "CANCELED", "CACHED", "SKIPPED"],
  RUNNING: ["COMPLETED", "FAILED", "CANCELED"],
  STALE: ["RUNNING", "COMPLETED", "FAILED", "CANCELED"],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
  CACHED: [],
  SKIPPED: [],
};

function validateTransition(from: Status, to: Status): void {
  const allowed = transitions[from];
  if (allowed.includes(to)) return;
  const options = allowed.length ? `only ${allowed.join(", ")} can follow` : `${from} is final`;
  throw new DomainError("ILLEGAL_TRANSITION", `the execution cannot go from ${from} to ${to}: ${options}`, {
    from,
    to,
  });
}

/**
 * The properties that a new status sets on an execution. `now` and `endedAt` are in milliseconds; `endedAt` defaults to `now`. A transition that
 * is not allowed is `ILLEGAL_TRANSITION`.
 */
export function toStatusChanges(execution: ExecutionRow, to: Status, now: number, endedAt?: number | null) {
  const { status: from, startedAt } = execution;
  validateTransition(from, to);
  // The clocks of replicas differ: an execution that ends now must not end before it started.
  if (finalStatuses.includes(to)) return { status: to, endedAt: endedAt ?? Math.max(now, startedAt ?? 0) };
  return to === "RUNNING" && from === "QUEUED" ? { status: to, startedAt: now } : { status: to };
}

/** The status that an update sets, null for none: a STALE execution that reports again is RUNNING unless the update gives another status. */
export function getNextStatus(from: Status, requested: Status | null | undefined): Status | null {
  return requested ?? (from === "STALE" ? "RUNNING" : null);
}
