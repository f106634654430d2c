import { setTimeout as delay } from "node:timers/promises";
import { Neo4jError } from "neo4j-driver";
import { Unavailable } from "../../ports/unavailable.ts";

/** How long work is retried by kind of failure: deadlocks for long, lost connections as long as a caller would wait, refused logins never. */
const maxRetryMs = { transient: 30_000, connection: 3_000, login: 0 };
/** How often work may collide with a writer that just created the same. Not a time: the first collision may come after a long wait for a lock. */
const maxCollisions = 20;
const minDelayMs = 20;
const maxDelayMs = 500;

/** Codes of a lost connection; the driver reports a protocol error when it is lost during login. */
const connectionCodes = new Set(["ServiceUnavailable", "SessionExpired", "ProtocolError", "N/A"]);
/** The server ends transactions when it shuts down; what they wrote is rolled back. */
const terminationCodes = new Set(
  ["Terminated", "LockClientStopped"].map((name) => `Neo.ClientError.Transaction.${name}`),
);
const loginCode = /^Neo\.ClientError\.Security\./;
const collisionCode = "Neo.ClientError.Schema.ConstraintValidationFailed";

function classify(error: unknown): keyof typeof maxRetryMs | "collision" | "other" {
  if (!(error instanceof Neo4jError)) return "other";
  if (error.code === collisionCode) return "collision";
  if (loginCode.test(error.code)) return "login";
  if (connectionCodes.has(error.code) || terminationCodes.has(error.code)) return "connection";
  if (error.code.startsWith("Neo.TransientError.General.DatabaseUnavailable")) return "connection";
  return error.retriable ? "transient" : "other";
}

/**
 * Runs `work`, and again while that may help: after deadlocks, lost connections and, unlike the driver's managed transactions, after two writers
 * created the same unique node (the loser finds it on the next attempt). Rejects with `Unavailable` when the engine can't be reached, refuses the
 * login, or is still deadlocked after 30 seconds; with the engine's own error for everything else, including a collision that doesn't end.
 */
export async function withRetry<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  let collisions = 0;
  for (let delayMs = minDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      return await work();
    } catch (error) {
      const kind = classify(error);
      if (kind === "other" || (kind === "collision" && ++collisions === maxCollisions)) throw error;
      const isTooLate = kind !== "collision" && performance.now() - start + delayMs > maxRetryMs[kind];
      if (isTooLate) throw new Unavailable("graph", error);
      await delay(delayMs / 2 + Math.random() * delayMs);
    }
  }
}
