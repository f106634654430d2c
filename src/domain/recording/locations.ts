import { isPrivateHost } from "../../lib/private-addresses.ts";
import { invalid } from "../core/errors.ts";

/**
 * Checks what a location leads to: no segment `..`, and for http and https no address of this machine or of a private network. Names are not
 * looked up here; whoever opens a location looks at the address that it connects to.
 */
export function validateLocationTarget(location: string, field: string): void {
  if (/[/\\]\.\.(?:[/\\?#]|$)/.test(location)) {
    throw invalid(field, "no segment of a location is ..: it would leave its root");
  }
  if (!/^https?:/i.test(location)) return;
  const host = (() => {
    try {
      return new URL(location.replace(/\{\{[^{}]*\}\}/g, "x")).hostname;
    } catch {
      return null;
    }
  })();
  if (!host || isPrivateHost(host))
    throw invalid(field, "http locations name a public host: not loopback, private or link-local");
}

/** Schemes whose locations begin with a bucket or container; the others may leave out the host. */
const bucketed = ["s3", "gs", "az", "abfs"];

/** Checks where bytes stay that this service doesn't hold, placeholders not yet filled: an allowed scheme, and a place that is allowed. */
export function validateLocation(location: string, schemes: string[], field: string): string {
  if (/\p{Cc}/u.test(location)) throw invalid(field, "a location holds no control characters");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase();
  if (!scheme || !schemes.includes(scheme))
    throw invalid(field, `a location begins with one of ${schemes.map((name) => `${name}:`).join(", ")}`);
  const rest = location.slice(scheme.length + 1);
  if (!(bucketed.includes(scheme) ? /^\/\/[^/]/ : /[^/]/).test(rest))
    throw invalid(field, `"${location}" says no place: write ${scheme}://, where it is, and its path`);
  validateLocationTarget(location, field);
  return location;
}
