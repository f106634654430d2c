import { describe, expect, it } from "vitest";
import { validateLocation } from "../../src/domain/recording/locations.ts";
import { callsOf, log, onEngines, publishRun } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

const allowed = ["s3", "gs", "az", "abfs", "dbfs", "hdfs", "http", "https", "v3io"];
function isRefused(location: string, schemes = allowed): boolean {
  try {
    validateLocation(location, schemes, "location");
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "INVALID_INPUT", details: { field: "location" } });
    return true;
  }
}

const inner = {
  loopback: [
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
  ],
  "loopback's other spellings": ["127.0.0.1.", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "１２７.0.0.1", "127。0。0。1"],
  names: ["localhost", "LOCALHOST", "localhost.", "a.localhost", "a.LocalHost.", "printer.local", "intranet"],
  unspecified: ["0.0.0.0", "0", "0x0", "[::]"],
  private: [
    "10.0.0.1",
    "167772161",
    "0xa000001",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.257",
    "3232235777",
  ],
  "link-local": [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "[fe80::1]",
    "[FE80::1]",
    "[febf::1]",
  ],
  "carrier's": ["100.64.0.1"],
  "IPv6 loopback": ["[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]"],
  "IPv6 private": ["[fc00::1]", "[fd12:3456::1]", "[FDFF::]"],
  "IPv4 in IPv6": [
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:10.0.0.1]",
    "[0:0:0:0:0:ffff:192.168.0.1]",
    "[::ffff:169.254.169.254]",
  ],
  "IPv4 in IPv6, other ways": [
    "[::127.0.0.1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::]",
  ],
};

describe("locations", () => {
  describe.each(Object.entries(inner))("locations at %s addresses", (_name, hosts) => {
    it.each(hosts)("a location at the private address %s is refused in every notation", (host) => {
      const written = [
        `http://${host}/k`,
        `https://${host}:8080/k`,
        `HTTPS://${host}`,
        `https://user:pw@${host}/k`,
        `https://example.com@${host}/`,
      ];
      for (const location of [...written, `https:${host}/k`, `https:\\\\${host}\\k`, `https:////${host}/k`]) {
        expect(isRefused(location), location).toBe(true);
      }
    });
  });

  it.each([
    "https://example.com/data.csv",
    "http://example.com:8080/a?b=c",
    "https://10.0.0.1@example.com/k",
    "https://8.8.8.8/k",
    "https://[2606:4700::1111]/k",
    "https://172.32.0.1/k",
    "https://11.0.0.1/k",
    "https://localhost.example.com/k",
    "https://10.0.0.1.example.com/k",
    "s3://bucket/key",
    "S3://bucket/key",
    "s3://localhost/key",
    "gs://b/k",
    "az://c/b",
    "abfs://fs@account.dfs.core.windows.net/p",
    "dbfs:/mnt/x",
    "hdfs://namenode:9000/p",
    "v3io:///projects/p",
    "s3://bucket/{{project}}/{{run.id}}/key",
    "https://{{project}}.example.com/k",
  ])("the location %s is accepted", (location) => expect(isRefused(location)).toBe(false));

  it.each([
    "",
    "/etc/passwd",
    "data.csv",
    "../data.csv",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "ftp://example.com/x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "//example.com/x",
    " https://example.com/x",
    "https://",
    "https:///",
    "https://exa mple.com/",
    "s3x://bucket/key",
    "s3://",
    "S3:///key",
    "s3:/bucket/key",
    "gs:bucket/key",
    "az:",
    "hdfs://",
    "dbfs:",
  ])("the location %j is refused", (location) => expect(isRefused(location)).toBe(true));

  it("a location must have one of the allowed schemes", () => {
    expect(isRefused("s3://b/k", ["gs"])).toBe(true);
    expect(isRefused("gs://b/k", ["gs"])).toBe(false);
    expect(isRefused("https://example.com/k", ["gs"])).toBe(true);
  });

  it.each([
    "s3://bucket/{{project}}/../other/key",
    "s3://bucket/../other",
    "s3://bucket/{{project}}/..",
    "hdfs://n/a/./../../b",
  ])("the location %s leaves its root and is refused", (location) => expect(isRefused(location)).toBe(true));
});

onEngines("versions with a location", (service) => {
  const refused = (input: object) =>
    service().refusal(log, { input: { project: freshProject(), name: "m", ...input } });

  it("a version with a location keeps its place, size and digest, and is a link", async () => {
    const given = { location: "s3://bucket/key", size: 12, digest: `sha256:${"a".repeat(64)}`, etag: "e1" };
    const calls = callsOf(service());
    const project = freshProject();
    const seen = await calls.log({ project, name: "m", ...given });
    expect(seen).toMatchObject({ location: given.location, size: 12, digest: given.digest, files: [] });
    expect(seen.uri).toBe(`store://link/${project}/m:1`);
  });

  it("the placeholders of a location are filled in with project and run", async () => {
    const project = freshProject();
    const outputs = [{ name: "m", location: "s3://bucket/{{project}}/{{ run.id }}/{{project}}.csv" }];
    const made = await service().data<{
      publishRun: { run: { id: string; outputs: { nodes: { version: { id: string } }[] } } };
    }>(publishRun, { input: { project, pipeline: "p", outputs } });
    const { id, outputs: slots } = made.publishRun.run;
    const { location } = await callsOf(service()).version(slots.nodes[0]?.version.id ?? "");
    expect(location).toBe(`s3://bucket/${project}/${id}/${project}.csv`);
    expect((await callsOf(service()).log({ project, name: "x", location: "s3://b/{{project}}" })).location).toBe(
      `s3://b/${project}`,
    );
    for (const location of ["s3://b/{{run.id}}", "s3://b/{{other}}", "s3://b/{{}}", "s3://b/{{constructor}}"]) {
      expect(await refused({ location }), location).toMatchObject({ code: "INVALID_INPUT", field: "location" });
    }
  });

  it("a location whose placeholders lead to a private address is refused", async () => {
    for (const [project, location] of [
      ["1", "https://127.0.0.{{project}}/k"],
      ["168", "https://192.{{project}}.0.1/k"],
      ["localhost", "https://{{project}}/k"],
      ["localhost", "https://a.{{project}}/k"],
    ]) {
      const input = { project, name: "m", location };
      expect(await service().refusal(log, { input }), location).toMatchObject({
        code: "INVALID_INPUT",
        field: "location",
      });
    }
  });

  it("a location with contradicting fields is refused, and nothing is logged", async () => {
    const project = freshProject();
    const digest = await service().put(project, "x");
    const location = "s3://b/k";
    for (const [input, field] of [
      [{ location: "file:///etc/passwd" }, "location"],
      [{ location: "https://127.0.0.1/k" }, "location"],
      [{ location, files: [{ path: "f", digest }] }, "location"],
      [{ location, size: -1 }, "size"],
      [{ location, digest: "sha256:abc" }, "digest"],
      [{ size: 1 }, "size"],
      [{ etag: "e" }, "etag"],
    ] as const) {
      expect(await refused({ project, ...input }), JSON.stringify(input)).toMatchObject({
        code: "INVALID_INPUT",
        field,
      });
    }
    const count = "query ($project: String!) { versions(filter: { project: { eq: $project } }) { totalCount } }";
    expect(await service().data(count, { project })).toEqual({ versions: { totalCount: 0 } });
  });
});

onEngines(
  "allowed schemes",
  (service) => {
    it("the allowed schemes of locations are a setting", async () => {
      const project = freshProject();
      expect((await callsOf(service()).log({ project, name: "m", location: "ftp://example.com/x" })).location).toBe(
        "ftp://example.com/x",
      );
      const input = { project, name: "m", location: "s3://b/k" };
      expect(await service().refusal(log, { input })).toMatchObject({ code: "INVALID_INPUT", field: "location" });
    });
  },
  { PEDIGREE_LOCATION_SCHEMES: "ftp, gs" },
);
