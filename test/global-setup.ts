import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type {} from "vitest";
import type { TestProject } from "vitest/node";
import {
  findMeans,
  type Means,
  type Neo4jAddress,
  type S3Address,
  type Server,
  startMinio,
  startNeo4j,
  startSeaweed,
} from "./support/servers.ts";
import { run } from "./support/servers-process.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The Neo4j that all tests of the run share, or null. */
    neo4j: Neo4jAddress | null;
    /** The S3 that all tests of the run share, or null. */
    s3: S3Address | null;
    /** Another implementation of S3, so that nothing depends on one, or null. */
    seaweed: S3Address | null;
    /** How a test may start additional servers. */
    means: Means;
    /** Where suites record what of the schema they cover. */
    coverageFolder: string;
  }
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** Tests of whole processes run `dist/`, as users do. `npm run check` checks the types. */
function build() {
  return run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--noCheck"], {
    cwd: root,
  });
}

/** Provides servers for the whole run: those of the environment, or those that this machine can start; without any, their suites are skipped. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const coverageFolder = await mkdtemp(join(tmpdir(), "pedigree-coverage-"));
  project.provide("coverageFolder", coverageFolder);
  const building = build();
  const means = await findMeans();
  const started: Server<unknown>[] = [];
  const end = async () => {
    await Promise.all(started.map((server) => server.close()));
    await rm(coverageFolder, { recursive: true, force: true });
  };
  const start = async <A>(starting: Promise<Server<A>>): Promise<A> => {
    const server = await starting;
    started.push(server);
    return server.address;
  };
  const neo4j = neo4jOfEnvironment() ?? (means === "none" ? null : start(startNeo4j(means)));
  const s3 = s3OfEnvironment() ?? (means === "none" ? null : start(startMinio(means)));
  const seaweed = means === "none" ? null : start(startSeaweed(means));
  const results = await Promise.allSettled([neo4j, s3, seaweed, building]);
  if (results.some((result) => result.status === "rejected")) await end();
  await building;
  project.provide("neo4j", shout("Neo4j", "NEO4J_URI", await neo4j));
  project.provide("s3", shout("S3", "S3_ENDPOINT", await s3));
  project.provide("seaweed", await seaweed);
  project.provide("means", means);
  return end;
}

function neo4jOfEnvironment(): Neo4jAddress | undefined {
  const { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password } = process.env;
  return uri ? { uri, ...(user && { user, password: password ?? "" }) } : undefined;
}

function s3OfEnvironment(): S3Address | undefined {
  const { S3_ENDPOINT: endpoint, S3_REGION: region, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey } = process.env;
  if (!endpoint) return undefined;
  return { endpoint, region: region || "us-east-1", accessKey: accessKey ?? "", secretKey: secretKey ?? "" };
}

function shout<A>(what: string, variable: string, address: A | null): A | null {
  if (address === null) {
    process.stderr.write(
      `!!! NO ${what}: the suites that need it are SKIPPED (set ${variable}, start Docker, or set PEDIGREE_TEST_SERVERS=fetch)\n`,
    );
  }
  return address;
}
