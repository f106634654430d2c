import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "../../src/config.ts";

/** The problems of these settings, one per line. */
function problems(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("the settings", () => {
  it("every setting has a default, except those of remote stores", () => {
    expect(readConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 4000,
      dataFolder: `${process.cwd()}/data`,
      graph: { kind: "embedded" },
      blobs: { kind: "filesystem" },
      tokensFile: null,
      maxFileBytes: 5 * 2 ** 40,
      maxFiles: 10_000,
      cacheBytes: 64 * 2 ** 20,
      locationSchemes: ["s3", "gs", "az", "abfs", "dbfs", "hdfs", "https", "v3io"],
      allowedHosts: [],
      checkRows: false,
      logLevel: "info",
    });
  });

  it("settings are read from the environment", () => {
    const config = readConfig({
      PORT: "0",
      HOST: "0.0.0.0",
      PEDIGREE_DATA: "/some/where",
      PEDIGREE_GRAPH: "neo4j://graph:7687",
      NEO4J_USER: "neo4j",
      NEO4J_PASSWORD: "secret",
      NEO4J_DATABASE: "lineage",
      PEDIGREE_BLOBS: "s3://bucket/some/prefix",
      S3_ENDPOINT: "http://store:9000",
      S3_REGION: "eu-west-1",
      S3_ACCESS_KEY: "key",
      S3_SECRET_KEY: "secret",
      PEDIGREE_AUTH: "token",
      PEDIGREE_TOKENS: "/tokens.json",
      PEDIGREE_MAX_FILE_BYTES: "1000",
      PEDIGREE_MAX_FILES: "7",
      PEDIGREE_CACHE_BYTES: "0",
      PEDIGREE_LOCATION_SCHEMES: "s3, https ,",
      PEDIGREE_ALLOWED_HOSTS: "lineage.example, other.example",
      PEDIGREE_CHECK_ROWS: "1",
      LOG_LEVEL: "debug",
    });
    expect(config).toMatchObject({
      host: "0.0.0.0",
      port: 0,
      dataFolder: "/some/where",
      graph: { kind: "neo4j", uri: "neo4j://graph:7687", user: "neo4j", password: "secret", database: "lineage" },
      blobs: {
        kind: "s3",
        bucket: "bucket",
        prefix: "some/prefix",
        endpoint: "http://store:9000",
        region: "eu-west-1",
      },
      tokensFile: "/tokens.json",
      maxFileBytes: 1000,
      maxFiles: 7,
      cacheBytes: 0,
      locationSchemes: ["s3", "https"],
      allowedHosts: ["lineage.example", "other.example"],
      checkRows: true,
      logLevel: "debug",
    });
    expect(config.blobs).toMatchObject({ accessKey: "key", secretKey: "secret" });
  });

  it("settings are immutable", () => {
    const config = readConfig({});
    expect(() => Object.assign(config, { port: 1 })).toThrow(TypeError);
  });

  it("an empty setting counts as unset", () => {
    expect(readConfig({ PORT: "", NEO4J_USER: "", PEDIGREE_GRAPH: "" })).toMatchObject({
      port: 4000,
      graph: { kind: "embedded" },
    });
  });

  it.each(["127.0.0.1", "::1", "localhost"])("the service accepts requests without a token on %s", (HOST) => {
    expect(problems({ HOST })).toEqual([]);
  });

  it.each(["0.0.0.0", "::", "10.0.0.1", "lineage.example", "127.0.0.1.example.com"])(
    "the service refuses to start without tokens on %s",
    (HOST) => {
      expect(problems({ HOST })).toEqual([expect.stringMatching(/^PEDIGREE_AUTH: .*loopback/)]);
      expect(problems({ HOST, PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: "t.json" })).toEqual([]);
    },
  );

  it.each([
    ["PORT", "http"],
    ["PORT", "-1"],
    ["PORT", "65536"],
    ["PORT", "1.5"],
    ["PEDIGREE_GRAPH", "http://graph"],
    ["PEDIGREE_GRAPH", "bolt:"],
    ["PEDIGREE_BLOBS", "s3://"],
    ["PEDIGREE_BLOBS", "s3://UPPER"],
    ["PEDIGREE_BLOBS", "ftp://x"],
    ["S3_ENDPOINT", "store:9000"],
    ["PEDIGREE_AUTH", "basic"],
    ["PEDIGREE_MAX_FILE_BYTES", "0"],
    ["PEDIGREE_MAX_FILE_BYTES", "1 GB"],
    ["PEDIGREE_MAX_FILES", "none"],
    ["PEDIGREE_CACHE_BYTES", "-1"],
    ["PEDIGREE_EVENT_RETENTION", "90"],
    ["LOG_LEVEL", "loud"],
  ])("the setting %s=%s is refused by name", (name, value) => {
    expect(problems({ [name]: value }).filter((line) => !line.includes("required with PEDIGREE_BLOBS"))).toEqual([
      expect.stringMatching(new RegExp(`^${name}: \\S`)),
    ]);
  });

  it("all problems of the settings are reported at once, also dependencies between settings", () => {
    const env = {
      PORT: "x",
      HOST: "0.0.0.0",
      LOG_LEVEL: "loud",
      NEO4J_USER: "neo4j",
      PEDIGREE_BLOBS: "s3://bucket",
      PEDIGREE_MAX_FILES: "0",
    };
    const named = problems(env).map((line) => line.split(":")[0]);
    const expected = ["PORT", "LOG_LEVEL", "PEDIGREE_MAX_FILES", "PEDIGREE_AUTH", "NEO4J_PASSWORD"];
    expect(named.sort()).toEqual([...expected, "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"].sort());
    const { message } = new ConfigError(problems(env));
    for (const line of problems(env)) expect(message).toContain(line);
  });

  it("a settings error never prints a secret", () => {
    const secrets = { NEO4J_PASSWORD: "pass-word-1", S3_SECRET_KEY: "secret-key-2", S3_ACCESS_KEY: "access-key-3" };
    const uri = "http://user:pass-word-4@graph";
    const env = { ...secrets, PEDIGREE_GRAPH: uri, S3_ENDPOINT: `x${uri}`, PORT: "x", PEDIGREE_BLOBS: "s3://B" };
    const { message } = new ConfigError(problems(env));
    expect(problems(env)).toHaveLength(4);
    for (const secret of [...Object.values(secrets), "pass-word-4"]) expect(message).not.toContain(secret);
  });
});
