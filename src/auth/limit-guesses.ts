import { DomainError, Overloaded } from "../domain/core/errors.ts";
import type { Authenticate } from "./authenticate.ts";

/** How many unknown tokens may come from one address: at first, and per second later; and of how many addresses that is remembered. */
const limits = { burst: 50, perSecond: 2, addresses: 10_000 };

/** What an address has left of its guesses, and when that was counted. */
interface Allowance {
  guesses: number;
  at: number;
}

/** The address that guesses count for. An IPv6 network of 64 bits is one: its owner chooses the rest. */
function toKey(address: string): string {
  return address.includes(".") ? address : address.split(":").slice(0, 4).join(":");
}

/**
 * Refuses with `Overloaded` to look at tokens from an address that has sent many unknown ones. Tokens that this process has accepted before pass, so that
 * nobody is locked out by a neighbor behind the same proxy. `now` is in milliseconds.
 */
export function limitGuesses(authenticate: Authenticate, now: () => number = Date.now): Authenticate {
  const allowances = new Map<string, Allowance>();
  const accepted = new Set<string>();
  const getAllowance = (key: string): Allowance => {
    const { guesses, at } = allowances.get(key) ?? { guesses: limits.burst, at: now() };
    const earned = ((now() - at) / 1_000) * limits.perSecond;
    return { guesses: Math.min(guesses + earned, limits.burst), at: now() };
  };
  const countGuess = (key: string): void => {
    const { guesses, at } = getAllowance(key);
    allowances.delete(key);
    allowances.set(key, { guesses: guesses - 1, at });
    const [oldest] = allowances.size > limits.addresses ? allowances.keys() : [];
    if (oldest !== undefined) allowances.delete(oldest);
  };
  return async (authorization, address = "") => {
    const key = toKey(address);
    const isKnown = authorization === undefined || accepted.has(authorization);
    if (!isKnown && getAllowance(key).guesses < 1)
      throw new Overloaded("too many unknown tokens came from this address");
    try {
      const actor = await authenticate(authorization, address);
      if (authorization !== undefined) accepted.add(authorization);
      return actor;
    } catch (error) {
      const isGuess = authorization !== undefined && error instanceof DomainError && error.code === "UNAUTHENTICATED";
      if (isGuess) countGuess(key);
      throw error;
    }
  };
}
