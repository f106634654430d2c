import type { IncomingMessage } from "node:http";
import { DomainError } from "../domain/core/errors.ts";

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** The host name in a URL, null when the URL is not valid. */
function parseHostname(url: string): string | null {
  try {
    return new URL(url).hostname;
  } catch {
    return null;
  }
}

/**
 * Creates a check that throws `FORBIDDEN` when the header Host is not one of this service's names, or Origin is a page of another host: it prevents DNS
 * rebinding and cross-site requests. Loopback names are always allowed.
 */
export function createHostGuard(allowedHosts: string[]) {
  const names = new Set([...loopbackNames, ...allowedHosts.map((name) => name.toLowerCase())]);
  const assertAllowed = (name: string | null, header: string): void => {
    if (name && names.has(name)) return;
    const message = `${header} is not allowed; to allow it, add its host to PEDIGREE_ALLOWED_HOSTS`;
    throw new DomainError("FORBIDDEN", message, { permission: "host" });
  };
  return ({ headers: { host, origin } }: Pick<IncomingMessage, "headers">): void => {
    assertAllowed(host ? parseHostname(`http://${host}`) : null, `the host ${host ?? "(none)"}`);
    if (origin !== undefined) assertAllowed(parseHostname(origin), `the origin ${origin}`);
  };
}
