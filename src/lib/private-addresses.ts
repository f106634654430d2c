import { BlockList, isIP } from "node:net";

/**
 * IPv4 networks that are not public, from the IANA IPv4 Special-Purpose Address Registry (iana.org/assignments/iana-ipv4-special-registry) and the
 * multicast addresses. Networks of the registry that are globally reachable but serve only the routing of the Internet are included.
 */
const specialIPv4Networks = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private use
  ["100.64.0.0", 10], // shared address space of carriers
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local
  ["172.16.0.0", 12], // private use
  ["192.0.0.0", 24], // IETF protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.31.196.0", 24], // AS112
  ["192.52.193.0", 24], // automatic multicast tunneling
  ["192.88.99.0", 24], // 6to4 relays, deprecated
  ["192.168.0.0", 16], // private use
  ["192.175.48.0", 24], // AS112
  ["198.18.0.0", 15], // benchmarking
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
] as const;

/**
 * IPv6 networks that are not public. Only 2000::/3 is assigned as global unicast (iana.org/assignments/ipv6-address-space): what lies outside it is
 * listed in three parts, with IPv4 addresses in all their IPv6 forms, translation, discard-only, local, link-local, site-local and multicast
 * addresses. Inside it: the IANA IPv6 Special-Purpose Address Registry (iana.org/assignments/iana-ipv6-special-registry).
 */
const specialIPv6Networks = [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 23], // IETF protocol assignments: Teredo, benchmarking, ORCHID and others
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which contains IPv4 addresses
  ["2620:4f:8000::", 48], // AS112
  ["3fff::", 20], // documentation
] as const;

/** One list for each family: a list that has both would match an IPv4 address with `::ffff:0:0/96` too. */
const privateNetworks = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, bits] of specialIPv4Networks) privateNetworks.ipv4.addSubnet(net, bits, "ipv4");
for (const [net, bits] of specialIPv6Networks) privateNetworks.ipv6.addSubnet(net, bits, "ipv6");

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** Whether an address is one of the machine itself, of a private network, or another that is not public. */
function isPrivateAddress(address: string): boolean {
  const family = familyOf(address);
  return privateNetworks[family].check(address, family);
}

/** Whether a URL's host, a name or an address, is this machine or in a private network. Names are not resolved. */
export function isPrivateHost(host: string): boolean {
  const name = host
    .replace(/^\[|\]$/g, "")
    .toLowerCase()
    .replace(/\.$/, "");
  if (isIP(name)) return isPrivateAddress(name);
  return name === "localhost" || name.endsWith(".localhost") || name.endsWith(".local") || !name.includes(".");
}

/** Creates a check of whether an address may be connected to: a public one, or one in the `allowed` networks (valid CIDRs). */
export function createAddressCheck(allowed: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const cidr of allowed) {
    const [net = "", bits = ""] = cidr.split("/");
    networks.addSubnet(net, Number(bits), familyOf(net));
  }
  return (address) => networks.check(address, familyOf(address)) || !isPrivateAddress(address);
}
