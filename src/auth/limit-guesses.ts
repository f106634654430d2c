import { createHash } from "node:crypto";
import { DomainError, Overloaded } from "../domain/core/errors.ts";
import type { Authenticate } from "./authenticate.ts";

/**
 * How many unknown tokens may come from one address, at first and per second later; how many addresses are remembered, and how many tokens that were
 * accepted.
 */
const limits = { burst: 50, perSecond: 2, addresses: 10_000, accepted: 10_000 };

/** What an address has left of its guesses, and when that was counted. */
interface Allowance {
  guesses: number;
  at: number;
}

/** The address that guesses count for. An IPv6 network of 64 bits is one: its owner chooses the rest. */
function toKey(address: string): string {
  return address.includes(".") ? address : address.split(":").slice(0, 4).join(":");
}

function createAllowances(now: () => number) {
  const allowances = new Map<string, Allowance>();
  const get = (key: string): Allowance => {
    const { guesses, at } = allowances.get(key) ?? { guesses: limits.burst, at: now() };
    const earned = ((now() - at) / 1_000) * limits.perSecond;
    return { guesses: Math.min(guesses + earned, limits.burst), at: now() };
  };
  return {
    isUsedUp: (key: string): boolean => get(key).guesses < 1,
    use: (key: string): void => {
      const { guesses, at } = get(key);
      allowances.delete(key);
      allowances.set(key, { guesses: guesses - 1, at });
      const [oldest] = allowances.size > limits.addresses ? allowances.keys() : [];
      if (oldest !== undefined) allowances.delete(oldest);
    },
  };
}

function hash(authorization: string): string {
  return createHash("sha256").update(authorization).digest("base64");
}

/**
 * Refuses with `Overloaded` to look at tokens from an address that has sent many unknown ones. Tokens that this process has accepted before pass, so that
 * nobody is locked out by a neighbor behind the same proxy. `now` is in milliseconds.
 */
export function limitGuesses(authenticate: Authenticate, now: () => number = Date.now): Authenticate {
  const allowances = createAllowances(now);
  const accepted = new Set<string>();
  return async (authorization, address) => {
    if (authorization === undefined) return authenticate(authorization, address);
    const key = toKey(address);
    const hashed = hash(authorization);
    if (!accepted.has(hashed) && allowances.isUsedUp(key))
      throw new Overloaded("too many unknown tokens came from this address");
    try {
      const actor = await authenticate(authorization, address);
      if (accepted.size < limits.accepted) accepted.add(hashed);
      return actor;
    } catch (error) {
      if (error instanceof DomainError && error.code === "UNAUTHENTICATED") allowances.use(key);
      throw error;
    }
  };
}
