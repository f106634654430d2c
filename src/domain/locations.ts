import { BlockList, isIP } from "node:net";
import { invalid } from "./errors.ts";

/** Addresses that belong to a machine or a network of its own (RFC 6890). */
const inner = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  inner.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  // ::/96 (with :: and ::1), 64:ff9b::/96 and 2002::/16 hold IPv4 addresses.
  ["::", 96],
  ["64:ff9b::", 96],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
] as const) {
  inner.addSubnet(net, bits, "ipv6");
}

const isInner = (host: string): boolean => {
  const name = host
    .replace(/^\[|\]$/g, "")
    .toLowerCase()
    .replace(/\.$/, "");
  const family = isIP(name);
  if (family) return inner.check(name, family === 6 ? "ipv6" : "ipv4");
  return name === "localhost" || name.endsWith(".localhost") || name.endsWith(".local") || !name.includes(".");
};

/**
 * Checks what a location leads to: no segment `..`, and for http and https no address of this machine or of a private network. Names are not
 * looked up here; whoever opens a location looks at the address that it connects to.
 */
export const checkPlace = (location: string, field: string): void => {
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
  if (!host || isInner(host))
    throw invalid(field, "http locations name a public host: not loopback, private or link-local");
};

/** Checks where bytes stay that this service doesn't hold, placeholders not yet filled: an allowed scheme, and a place that is allowed. */
export const checkLocation = (location: string, schemes: string[], field: string): string => {
  if (/\p{Cc}/u.test(location)) throw invalid(field, "a location holds no control characters");
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1]?.toLowerCase();
  if (!scheme || !schemes.includes(scheme))
    throw invalid(field, `a location begins with one of ${schemes.map((name) => `${name}:`).join(", ")}`);
  checkPlace(location, field);
  return location;
};
