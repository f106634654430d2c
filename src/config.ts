import { isIP } from "node:net";
import { resolve } from "node:path";
import * as v from "valibot";

const loopback = ["127.0.0.1", "::1", "localhost"];
function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);
}
const units: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function count(fallback: string, least: number, most: number) {
  return v.pipe(
    v.optional(v.string(), fallback),
    v.regex(/^\d+$/, `a whole number from ${least} to ${most}`),
    v.transform(Number),
    v.minValue(least, `at least ${least}`),
    v.maxValue(most, `at most ${most}`),
  );
}
function duration(fallback: string) {
  return v.pipe(
    v.optional(v.string(), fallback),
    v.regex(/^\d+[smhd]$/, "a whole number with s, m, h or d, such as 24h"),
    v.transform((text) => Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0)),
  );
}
function isCidr(text: string): boolean {
  const [net = "", bits = "", ...rest] = text.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(net)] ?? -1;
  return !rest.length && /^\d+$/.test(bits) && Number(bits) <= most;
}
function text(fallback: string) {
  return v.optional(v.string(), fallback);
}
function url(protocols: string[], what: string) {
  return v.pipe(
    v.string(),
    v.check((text) => protocols.some((name) => text.startsWith(`${name}://`)) && /^[^:]+:\/\/[^/\s]+/.test(text), what),
  );
}

const environment = v.object({
  PORT: count("4000", 0, 65_535),
  HOST: text("127.0.0.1"),
  PEDIGREE_DATA: text("./data"),
  PEDIGREE_GRAPH: v.optional(
    v.union([
      v.literal("embedded"),
      url(["bolt", "bolt+s", "neo4j", "neo4j+s"], "embedded, or bolt://host:port or neo4j://host:port (+s for TLS)"),
    ]),
    "embedded",
  ),
  NEO4J_USER: v.optional(v.string()),
  NEO4J_PASSWORD: v.optional(v.string()),
  NEO4J_DATABASE: v.optional(v.string()),
  PEDIGREE_BLOBS: v.optional(
    v.union(
      [
        v.literal("filesystem"),
        v.pipe(
          v.string(),
          v.regex(
            /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._/-]*)?$/,
            "filesystem, or s3://bucket or s3://bucket/prefix (a bucket has 3 to 63 of a-z, 0-9, . and -)",
          ),
        ),
      ],
      "filesystem or s3://bucket",
    ),
    "filesystem",
  ),
  S3_ENDPOINT: v.optional(url(["http", "https"], "an address such as http://127.0.0.1:9000")),
  S3_REGION: text("us-east-1"),
  S3_ACCESS_KEY: v.optional(v.string()),
  S3_SECRET_KEY: v.optional(v.string()),
  PEDIGREE_AUTH: v.optional(v.picklist(["none", "token"], "none or token"), "none"),
  PEDIGREE_TOKENS: v.optional(v.string()),
  PEDIGREE_MAX_FILE_BYTES: count(String(5 * 2 ** 40), 1, Number.MAX_SAFE_INTEGER),
  PEDIGREE_MAX_FILES: count("10000", 1, 100_000),
  PEDIGREE_PROJECT_BYTES: v.optional(count("0", 1, Number.MAX_SAFE_INTEGER)),
  PEDIGREE_CACHE_BYTES: count(String(64 * 2 ** 20), 0, Number.MAX_SAFE_INTEGER),
  PEDIGREE_LOCATION_SCHEMES: v.pipe(text("s3,gs,az,abfs,dbfs,hdfs,https,v3io"), v.transform(list)),
  PEDIGREE_ALLOWED_HOSTS: v.pipe(text(""), v.transform(list)),
  PEDIGREE_WEBHOOK_ALLOW: v.pipe(
    text(""),
    v.transform(list),
    v.array(v.pipe(v.string(), v.check(isCidr, "networks such as 10.1.0.0/16, separated by commas"))),
  ),
  PEDIGREE_BLOB_GRACE: duration("24h"),
  PEDIGREE_STALL_TIMEOUT: v.pipe(duration("60s"), v.minValue(1_000, "at least 1s")),
  PEDIGREE_EVENT_RETENTION: duration("90d"),
  LOG_LEVEL: v.optional(
    v.picklist(
      ["silent", "fatal", "error", "warn", "info", "debug", "trace"],
      "silent, fatal, error, warn, info, debug or trace",
    ),
    "info",
  ),
});

type Environment = v.InferOutput<typeof environment>;

/** Where S3 is and how to sign in. */
export interface S3Config {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  prefix: string;
}

/** The settings of one service, checked and frozen. Times in milliseconds. */
export interface Config {
  host: string;
  port: number;
  dataFolder: string;
  graph:
    | { kind: "embedded" }
    | {
        kind: "neo4j";
        uri: string;
        user?: string | undefined;
        password?: string | undefined;
        database?: string | undefined;
      };
  blobs: { kind: "filesystem" } | ({ kind: "s3" } & S3Config);
  tokensFile: string | null;
  maxFileBytes: number;
  maxFiles: number;
  /** Bytes that a project may have in the store; null for no limit. */
  projectBytes: number | null;
  /** Bytes of memory for small contents that were read lately. */
  cacheBytes: number;
  locationSchemes: string[];
  /** How long bytes that no version refers to are kept. */
  blobGrace: number;
  /** How long a client that is waited for may stall. */
  stallTimeout: number;
  /** How long events are kept, at least. */
  eventRetention: number;
  allowedHosts: string[];
  /** Networks (CIDRs) that webhooks may be sent to although they are private. */
  webhookAllow: string[];
  logLevel: string;
}

/** The settings are wrong: one line a problem, secrets never among them. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(
      `the settings have ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    );
  }
}

/** What one setting asks of another. Of the raw values, so that it is told together with what is wrong with each by itself. */
function together(env: Record<string, string | undefined>): string[] {
  const { PEDIGREE_AUTH: auth = "none", HOST: host = "127.0.0.1", PEDIGREE_BLOBS: blobs = "filesystem" } = env;
  const problems: string[] = [];
  const need = (name: string, message: string) => {
    if (env[name] === undefined) problems.push(`${name}: ${message}`);
  };
  if (auth === "none" && !loopback.includes(host)) {
    problems.push(
      `PEDIGREE_AUTH: none is for loopback only, and HOST is ${host}: set PEDIGREE_AUTH=token and PEDIGREE_TOKENS`,
    );
  }
  if (auth === "token") need("PEDIGREE_TOKENS", "token needs a file of tokens");
  if (env.NEO4J_USER) need("NEO4J_PASSWORD", "NEO4J_USER needs a password");
  if (blobs.startsWith("s3://"))
    for (const name of ["S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"]) need(name, "a bucket needs it");
  return problems;
}

function blobsOf(env: Environment): Config["blobs"] {
  if (env.PEDIGREE_BLOBS === "filesystem") return { kind: "filesystem" };
  const [bucket = "", ...prefix] = env.PEDIGREE_BLOBS.slice("s3://".length).split("/");
  return {
    kind: "s3",
    bucket,
    prefix: prefix.filter(Boolean).join("/"),
    endpoint: env.S3_ENDPOINT ?? "",
    region: env.S3_REGION,
    accessKey: env.S3_ACCESS_KEY ?? "",
    secretKey: env.S3_SECRET_KEY ?? "",
  };
}

function graphOf(env: Environment): Config["graph"] {
  return env.PEDIGREE_GRAPH === "embedded"
    ? { kind: "embedded" }
    : {
        kind: "neo4j",
        uri: env.PEDIGREE_GRAPH,
        user: env.NEO4J_USER,
        password: env.NEO4J_PASSWORD,
        database: env.NEO4J_DATABASE,
      };
}

/** Reads the settings from the environment, an empty value as one that isn't there. Throws `ConfigError` with every problem at once. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = v.safeParse(environment, given);
  const single = (parsed.issues ?? []).map((issue) => `${v.getDotPath(issue) ?? "?"}: ${issue.message}`);
  const problems = [...single, ...together(given)];
  if (!parsed.success || problems.length) throw new ConfigError(problems);
  const checked = parsed.output;
  return Object.freeze({
    host: checked.HOST,
    port: checked.PORT,
    dataFolder: resolve(checked.PEDIGREE_DATA),
    graph: graphOf(checked),
    blobs: blobsOf(checked),
    tokensFile: checked.PEDIGREE_AUTH === "token" ? (checked.PEDIGREE_TOKENS ?? null) : null,
    maxFileBytes: checked.PEDIGREE_MAX_FILE_BYTES,
    maxFiles: checked.PEDIGREE_MAX_FILES,
    projectBytes: checked.PEDIGREE_PROJECT_BYTES ?? null,
    cacheBytes: checked.PEDIGREE_CACHE_BYTES,
    locationSchemes: checked.PEDIGREE_LOCATION_SCHEMES,
    blobGrace: checked.PEDIGREE_BLOB_GRACE,
    stallTimeout: checked.PEDIGREE_STALL_TIMEOUT,
    eventRetention: checked.PEDIGREE_EVENT_RETENTION,
    allowedHosts: checked.PEDIGREE_ALLOWED_HOSTS,
    webhookAllow: checked.PEDIGREE_WEBHOOK_ALLOW,
    logLevel: checked.LOG_LEVEL,
  });
}
