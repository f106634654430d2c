import type { Status } from "../../model/enums.ts";
import { DomainError } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { finalStatuses } from "../recording/execution-draft.ts";

const moves: Record<Status, readonly Status[]> = {
  QUEUED: ["RUNNING", "CANCELED", "CACHED", "SKIPPED"],
  RUNNING: ["COMPLETED", "FAILED", "CANCELED"],
  STALE: ["RUNNING", "COMPLETED", "FAILED", "CANCELED"],
  COMPLETED: [],
  FAILED: [],
  CANCELED: [],
  CACHED: [],
  SKIPPED: [],
};

function checkMove(from: Status, to: Status): void {
  if (moves[from].includes(to)) return;
  const next = moves[from].length ? `from there it may become ${moves[from].join(", ")}` : "that is final";
  throw new DomainError("ILLEGAL_TRANSITION", `the execution is ${from}: ${next}, not ${to}`, { from, to });
}

/** What a new status sets of an execution; `ILLEGAL_TRANSITION` where the table has no such move. */
export function statusChanges(execution: ExecutionRow, to: Status, now: number, endedAt?: number | null) {
  const { status: from, startedAt } = execution;
  checkMove(from, to);
  // Clocks of several replicas differ: what ends now doesn't end before it began.
  if (finalStatuses.includes(to)) return { status: to, endedAt: endedAt ?? Math.max(now, startedAt ?? 0) };
  return to === "RUNNING" && from === "QUEUED" ? { status: to, startedAt: now } : { status: to };
}

/** The status that an update gives: who reports again after a silence is not stale any more. */
export function nextStatus(from: Status, asked: Status | null | undefined): Status | null {
  return asked ?? (from === "STALE" ? "RUNNING" : null);
}
