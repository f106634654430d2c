import { isPrivateHost } from "../../lib/private-addresses.ts";
import { invalid } from "../core/errors.ts";

function parseHost(location: string): string | null {
  try {
    return new URL(location.replace(/\{\{[^{}]*\}\}/g, "x")).hostname;
  } catch {
    return null;
  }
}

/**
 * Validates where a location leads: it has no segment `..`, and an http or https location names no address of this machine or of a private
 * network. Host names are not looked up here: the code that opens a location checks the address that it connects to.
 */
export function validateLocationTarget(location: string, field: string): void {
  if (/[/\\]\.\.(?:[/\\?#]|$)/.test(location)) {
    throw invalid(field, 'a location must not have a ".." segment, because it would leave its root');
  }
  if (!/^https?:/i.test(location)) return;
  const host = parseHost(location);
  if (!host || isPrivateHost(host))
    throw invalid(field, "an http location must name a public host, not a loopback, private or link-local one");
}

/** Schemes whose locations name a bucket or container first; with other schemes the host is optional. */
const bucketSchemes = ["s3", "gs", "az", "abfs"];

/** Validates the location of bytes outside this service, its placeholders filled or not: a complete location with one of `schemes` and an allowed target. */
export function validateLocation(location: string, schemes: string[], field: string): string {
  if (/\p{Cc}/u.test(location)) throw invalid(field, "a location must not contain control characters");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase();
  if (!scheme || !schemes.includes(scheme))
    throw invalid(field, `a location must begin with one of ${schemes.map((name) => `${name}:`).join(", ")}`);
  const rest = location.slice(scheme.length + 1);
  if (!(bucketSchemes.includes(scheme) ? /^\/\/[^/]/ : /[^/]/).test(rest))
    throw invalid(field, `"${location}" is incomplete; write ${scheme}://<bucket or host>/<path>`);
  validateLocationTarget(location, field);
  return location;
}
