import { describe, expect, it } from "vitest";
import { createAddressCheck, isPrivateHost } from "../../src/lib/private-addresses.ts";

/** The first and the last address of every network of IANA's special-purpose registries, of multicast, and of what is not assigned. */
const special = [
  ["this network", "0.0.0.0", "0.255.255.255"],
  ["private use, 10.0.0.0/8", "10.0.0.0", "10.255.255.255"],
  ["shared address space", "100.64.0.0", "100.127.255.255"],
  ["loopback", "127.0.0.0", "127.255.255.255"],
  ["link-local", "169.254.0.0", "169.254.255.255"],
  ["private use, 172.16.0.0/12", "172.16.0.0", "172.31.255.255"],
  ["IETF protocol assignments", "192.0.0.0", "192.0.0.255"],
  ["TEST-NET-1", "192.0.2.0", "192.0.2.255"],
  ["AS112-v4", "192.31.196.0", "192.31.196.255"],
  ["AMT", "192.52.193.0", "192.52.193.255"],
  ["6to4 relay anycast", "192.88.99.0", "192.88.99.255"],
  ["private use, 192.168.0.0/16", "192.168.0.0", "192.168.255.255"],
  ["direct delegation AS112", "192.175.48.0", "192.175.48.255"],
  ["benchmarking", "198.18.0.0", "198.19.255.255"],
  ["TEST-NET-2", "198.51.100.0", "198.51.100.255"],
  ["TEST-NET-3", "203.0.113.0", "203.0.113.255"],
  ["multicast", "224.0.0.0", "239.255.255.255"],
  ["reserved and broadcast", "240.0.0.0", "255.255.255.255"],
  ["IPv6 unspecified and loopback", "::", "::1"],
  ["IPv4-compatible", "::8.8.8.8", "::ffff:ffff"],
  ["IPv4-mapped", "::ffff:0:0", "::ffff:ffff:ffff"],
  ["IPv4-translated", "::ffff:0:0:0", "::ffff:0:ffff:ffff"],
  ["IPv4-IPv6 translation", "64:ff9b::", "64:ff9b::ffff:ffff"],
  ["local IPv4-IPv6 translation", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"],
  ["discard-only", "100::", "100::ffff:ffff:ffff:ffff"],
  ["dummy prefix", "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"],
  ["Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["benchmarking in IPv6", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"],
  ["ORCHID", "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["ORCHIDv2 and DETs", "2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["IETF protocol assignments in IPv6", "2001:1::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["documentation", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["AS112 in IPv6", "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff"],
  ["documentation since 2024", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["unassigned", "4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["unique-local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["IPv6 link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ["IPv6 multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
] as const;

const isPublic = createAddressCheck([]);

describe("addresses", () => {
  it.each(special)("addresses of %s are not public: %s to %s", (_name, first, last) => {
    for (const address of [first, last]) {
      expect(isPublic(address), address).toBe(false);
      expect(isPrivateHost(address.includes(":") ? `[${address}]` : address), address).toBe(true);
    }
  });

  it.each([
    ...["1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"],
    ...["128.0.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "198.17.255.255"],
    ...["198.20.0.0", "223.255.255.255", "2000::1", "2001:200::", "2001:4860:4860::8888", "2001:db7:ffff::"],
    ...["2001:db9::", "2003::", "2606:4700::1111", "2620:4f:8001::", "3ffe:ffff::", "3fff:1000::"],
  ])("the address %s, next to those or far from them, is public", (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it("an address that is not public may be allowed, also in its IPv4-mapped form", () => {
    const allows = createAddressCheck(["10.1.0.0/16", "fd00::/8"]);
    expect(["10.1.2.3", "10.2.0.0", "fd12::1", "fc00::1"].map(allows)).toEqual([true, false, true, false]);
    expect(allows("::ffff:10.1.2.3")).toBe(true);
  });
});
