import { resolve } from "node:path";
import * as v from "valibot";
import { duration, isCidr, splitList, text, url, wholeNumber } from "./lib/setting-types.ts";

const loopback = ["127.0.0.1", "::1", "localhost"];
const environment = v.object({
  PORT: wholeNumber("4000", 0, 65_535),
  HOST: text("127.0.0.1"),
  PEDIGREE_DATA: text("./data"),
  PEDIGREE_GRAPH: v.optional(
    v.union([
      v.literal("embedded"),
      url(
        ["bolt", "bolt+s", "neo4j", "neo4j+s"],
        "must be embedded, bolt://host:port or neo4j://host:port (bolt+s or neo4j+s for TLS)",
      ),
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
            "must be filesystem, s3://bucket or s3://bucket/prefix; a bucket name has 3 to 63 characters of a-z, 0-9, . and -",
          ),
        ),
      ],
      "must be filesystem or s3://bucket",
    ),
    "filesystem",
  ),
  S3_ENDPOINT: v.optional(url(["http", "https"], "must be a URL such as http://127.0.0.1:9000")),
  S3_REGION: text("us-east-1"),
  S3_ACCESS_KEY: v.optional(v.string()),
  S3_SECRET_KEY: v.optional(v.string()),
  PEDIGREE_AUTH: v.optional(v.picklist(["none", "token"], "must be none or token"), "none"),
  PEDIGREE_TOKENS: v.optional(v.string()),
  PEDIGREE_MAX_FILE_BYTES: wholeNumber(String(5 * 2 ** 40), 1, Number.MAX_SAFE_INTEGER),
  PEDIGREE_MAX_FILES: wholeNumber("10000", 1, 100_000),
  PEDIGREE_PROJECT_BYTES: v.optional(wholeNumber("0", 1, Number.MAX_SAFE_INTEGER)),
  PEDIGREE_CACHE_BYTES: wholeNumber(String(64 * 2 ** 20), 0, Number.MAX_SAFE_INTEGER),
  PEDIGREE_LOCATION_SCHEMES: v.pipe(text("s3,gs,az,abfs,dbfs,hdfs,https,v3io"), v.transform(splitList)),
  PEDIGREE_ALLOWED_HOSTS: v.pipe(text(""), v.transform(splitList)),
  PEDIGREE_WEBHOOK_ALLOW: v.pipe(
    text(""),
    v.transform(splitList),
    v.array(v.pipe(v.string(), v.check(isCidr, "must be networks such as 10.1.0.0/16, separated by commas"))),
  ),
  PEDIGREE_BLOB_GRACE: duration("24h"),
  PEDIGREE_STALL_TIMEOUT: duration("60s", 1_000),
  PEDIGREE_REQUEST_TIMEOUT: duration("30s", 1_000),
  PEDIGREE_EVENT_RETENTION: duration("90d"),
  PEDIGREE_CHECK_ROWS: v.optional(v.picklist(["0", "1"], "must be 0 or 1"), "0"),
  LOG_LEVEL: v.optional(
    v.picklist(
      ["silent", "fatal", "error", "warn", "info", "debug", "trace"],
      "must be silent, fatal, error, warn, info, debug or trace",
    ),
    "info",
  ),
});

type Environment = v.InferOutput<typeof environment>;

/** The address and credentials of an S3 bucket. */
export interface S3Config {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  prefix: string;
}

/** The settings of one service, validated and frozen. */
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
  /** Maximum bytes of a project in the blob store; null for no limit. */
  projectBytes: number | null;
  /** Bytes of memory for the cache of small contents; 0 for none. */
  cacheBytes: number;
  locationSchemes: string[];
  /** Milliseconds for which bytes are kept that no version refers to. */
  blobGraceMs: number;
  /** Milliseconds after which a client is disconnected that sends or reads too slowly. */
  stallTimeoutMs: number;
  /** Milliseconds that a GraphQL query or mutation may take. */
  requestTimeoutMs: number;
  /** Checks the parameters and rows of every graph statement against their declarations, which slows it down; for development. */
  checkRows: boolean;
  /** Milliseconds for which events are kept at least. */
  eventRetentionMs: number;
  allowedHosts: string[];
  /** Private networks (CIDRs) that webhooks may be sent to. */
  webhookAllow: string[];
  logLevel: string;
}

/** Settings are invalid. `problems` has a line for each problem and never contains a secret. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(
      `the settings have ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map((line) => `  ${line}`).join("\n")}`,
    );
  }
}

/** What is wrong between settings. Reads the raw values, so that these problems are reported together with those of single settings. */
function findConflicts(env: Record<string, string | undefined>): string[] {
  const { PEDIGREE_AUTH: auth = "none", HOST: host = "127.0.0.1", PEDIGREE_BLOBS: blobs = "filesystem" } = env;
  const problems: string[] = [];
  const requireSetting = (name: string, condition: string) => {
    if (env[name] === undefined) problems.push(`${name}: required ${condition}`);
  };
  if (auth === "none" && !loopback.includes(host)) {
    problems.push(
      `PEDIGREE_AUTH: none is allowed on loopback only, and HOST is ${host}; set PEDIGREE_AUTH=token and PEDIGREE_TOKENS`,
    );
  }
  if (auth === "token") requireSetting("PEDIGREE_TOKENS", "with PEDIGREE_AUTH=token: the path of the token file");
  if (env.NEO4J_USER) requireSetting("NEO4J_PASSWORD", "with NEO4J_USER");
  if (blobs.startsWith("s3://"))
    for (const name of ["S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"])
      requireSetting(name, "with PEDIGREE_BLOBS=s3://...");
  return problems;
}

function toBlobs(env: Environment): Config["blobs"] {
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

function toGraph(env: Environment): Config["graph"] {
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

/** Reads the settings from environment variables; an empty one counts as absent. Throws `ConfigError` with all problems at once. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = v.safeParse(environment, given);
  const single = (parsed.issues ?? []).map((issue) => `${v.getDotPath(issue) ?? "?"}: ${issue.message}`);
  const problems = [...single, ...findConflicts(given)];
  if (!parsed.success || problems.length) throw new ConfigError(problems);
  const checked = parsed.output;
  return Object.freeze({
    host: checked.HOST,
    port: checked.PORT,
    dataFolder: resolve(checked.PEDIGREE_DATA),
    graph: toGraph(checked),
    blobs: toBlobs(checked),
    tokensFile: checked.PEDIGREE_AUTH === "token" ? (checked.PEDIGREE_TOKENS ?? null) : null,
    maxFileBytes: checked.PEDIGREE_MAX_FILE_BYTES,
    maxFiles: checked.PEDIGREE_MAX_FILES,
    projectBytes: checked.PEDIGREE_PROJECT_BYTES ?? null,
    cacheBytes: checked.PEDIGREE_CACHE_BYTES,
    locationSchemes: checked.PEDIGREE_LOCATION_SCHEMES,
    blobGraceMs: checked.PEDIGREE_BLOB_GRACE,
    stallTimeoutMs: checked.PEDIGREE_STALL_TIMEOUT,
    requestTimeoutMs: checked.PEDIGREE_REQUEST_TIMEOUT,
    checkRows: checked.PEDIGREE_CHECK_ROWS === "1",
    eventRetentionMs: checked.PEDIGREE_EVENT_RETENTION,
    allowedHosts: checked.PEDIGREE_ALLOWED_HOSTS,
    webhookAllow: checked.PEDIGREE_WEBHOOK_ALLOW,
    logLevel: checked.LOG_LEVEL,
  });
}
