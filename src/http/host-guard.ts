import type { IncomingMessage } from "node:http";
import { DomainError } from "../domain/core/errors.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

function nameOf(authority: string | undefined): string | null {
  try {
    return authority ? new URL(`http://${authority}`).hostname : null;
  } catch {
    return null;
  }
}

function originName(origin: string): string | null {
  try {
    return new URL(origin).hostname;
  } catch {
    return null;
  }
}

/**
 * Refuses requests whose Host isn't one of this service's names, or that a page of another host makes: no DNS rebinding, no CSRF.
 * Loopback names are always allowed. Throws `FORBIDDEN`.
 */
export function createHostGuard(allowed: string[]) {
  const names = new Set([...loopback, ...allowed.map((name) => name.toLowerCase())]);
  const refuse = (what: string): never => {
    const message = `${what} is not allowed here: add its host to PEDIGREE_ALLOWED_HOSTS`;
    throw new DomainError("FORBIDDEN", message, { permission: "host" });
  };
  return ({ headers: { host, origin } }: Pick<IncomingMessage, "headers">): void => {
    const name = nameOf(host);
    if (!name || !names.has(name)) refuse(`the host ${host ?? "(none)"}`);
    if (origin === undefined) return;
    const from = originName(origin);
    if (!from || !names.has(from)) refuse(`the origin ${origin}`);
  };
}
