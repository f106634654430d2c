import { setTimeout as pause } from "node:timers/promises";
import { Neo4jError } from "neo4j-driver";
import { Unavailable } from "../../ports/unavailable.ts";

/** A deadlock is worth waiting for; a lost connection only as long as a caller would; a refused login not at all. Milliseconds. */
const patience = { transient: 30_000, connection: 3_000, login: 0 };
/** How often work may find that another just created the same. Not a time: the first time may come after a long wait for the other. */
const mostCollisions = 20;

/** Codes of a lost connection; the driver calls it a breach of the protocol when it is lost while it logs in. */
const lost = new Set(["ServiceUnavailable", "SessionExpired", "ProtocolError", "N/A"]);
/** The server ends transactions when it shuts down: what they wrote is undone. */
const terminated = new Set(["Terminated", "LockClientStopped"].map((name) => `Neo.ClientError.Transaction.${name}`));
const refusedLogin = /^Neo\.ClientError\.Security\./;
const duplicate = "Neo.ClientError.Schema.ConstraintValidationFailed";

function kindOf(error: unknown): keyof typeof patience | "collision" | "other" {
  if (!(error instanceof Neo4jError)) return "other";
  if (error.code === duplicate) return "collision";
  if (refusedLogin.test(error.code)) return "login";
  if (lost.has(error.code) || terminated.has(error.code)) return "connection";
  if (error.code.startsWith("Neo.TransientError.General.DatabaseUnavailable")) return "connection";
  return error.retriable ? "transient" : "other";
}

/**
 * Runs `work`, again while that may help: deadlocks, lost connections and, unlike the driver's own managed transactions, two writers that
 * both created what must be unique (the loser finds it the next time). Rejects with `Unavailable` when the engine can't be reached, refuses the
 * login, or is still deadlocked after 30 seconds; with the engine's own error for all else, a collision that doesn't end included.
 */
export async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  let collisions = 0;
  for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
    try {
      return await work();
    } catch (error) {
      const kind = kindOf(error);
      if (kind === "other" || (kind === "collision" && ++collisions === mostCollisions)) throw error;
      const isLate = kind !== "collision" && performance.now() - start + wait > patience[kind];
      if (isLate) throw new Unavailable("graph", error);
      await pause(wait / 2 + Math.random() * wait);
    }
  }
}
