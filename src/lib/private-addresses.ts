import { BlockList, isIP } from "node:net";

/** Addresses of the machine itself, of private networks, and those that are reserved (RFC 6890). */
const privateNetworks = new BlockList();
for (const [net, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  privateNetworks.addSubnet(net, bits, "ipv4");
}
for (const [net, bits] of [
  // ::/96 (with :: and ::1), 64:ff9b::/96 and 2002::/16 contain IPv4 addresses.
  ["::", 96],
  ["64:ff9b::", 96],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  privateNetworks.addSubnet(net, bits, "ipv6");
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Whether a URL's host, a name or an address, is this machine or in a private network. Names are not resolved. */
export function isPrivateHost(host: string): boolean {
  const name = host
    .replace(/^\[|\]$/g, "")
    .toLowerCase()
    .replace(/\.$/, "");
  if (isIP(name)) return privateNetworks.check(name, familyOf(name));
  return name === "localhost" || name.endsWith(".localhost") || name.endsWith(".local") || !name.includes(".");
}

/** Creates a check of whether an address may be connected to: a public one, or one in the `allowed` networks (valid CIDRs). */
export function createAddressCheck(allowed: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const cidr of allowed) {
    const [net = "", bits = ""] = cidr.split("/");
    networks.addSubnet(net, Number(bits), familyOf(net));
  }
  return (address) => {
    const family = familyOf(address);
    return networks.check(address, family) || !privateNetworks.check(address, family);
  };
}
