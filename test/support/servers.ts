import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import neo4j from "neo4j-driver";
import { fetchMinio, fetchNeo4j, fetchSeaweed } from "./servers-fetch.ts";
import { freePort, type Handle, launch, run } from "./servers-process.ts";

/** The address of a Neo4j; without `user` it requires no authentication. */
export interface Neo4jAddress {
  uri: string;
  user?: string;
  password?: string;
}

/** The address of an S3 server, and keys that may create buckets. */
export interface S3Address {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
}

/** A server for one test, which may stop, kill and restart it. The test closes it, or else it ends with the test's process. */
export interface Server<Address> extends Handle {
  readonly address: Address;
}

/** How servers are started on this machine: as containers, as fetched programs, or not at all. */
export type Means = "docker" | "fetch" | "none";

/** Docker if an engine answers, else fetched programs if `PEDIGREE_TEST_SERVERS=fetch`. */
export async function findMeans(): Promise<Means> {
  const docker = await run("docker", ["info"], { timeout: 3000 }).then(
    () => true,
    () => false,
  );
  if (docker) return "docker";
  return process.env.PEDIGREE_TEST_SERVERS === "fetch" ? "fetch" : "none";
}

/** A server for the whole run, or for a few tests: the latter is smaller and starts with half the work, because its code is hardly compiled. */
type Lifetime = "lasting" | "brief";
const heaps = { lasting: "1g", brief: "512m" };
const compiling = { lasting: [], brief: ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] };

/** Starts a separate Neo4j; resolves when it is ready. */
export async function startNeo4j(means: Means, lifetime: Lifetime = "lasting"): Promise<Server<Neo4jAddress>> {
  const port = await freePort();
  const address = { uri: `bolt://127.0.0.1:${port}` };
  const folder = await mkdtemp(join(tmpdir(), "pedigree-neo4j-"));
  const command =
    means === "docker" ? neo4jContainer(folder, port, lifetime) : await neo4jProcess(folder, port, lifetime);
  return serve(means, folder, command, address, () => neo4jAnswers(address));
}

/** Starts a separate MinIO; resolves when it is ready. */
export async function startMinio(means: Means): Promise<Server<S3Address>> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const address = { endpoint, region: "us-east-1", accessKey: "pedigree", secretKey: "pedigree-tests" };
  const folder = await mkdtemp(join(tmpdir(), "pedigree-minio-"));
  const command = means === "docker" ? minioContainer(folder, port) : await minioProcess(folder, port);
  const env = { MINIO_ROOT_USER: address.accessKey, MINIO_ROOT_PASSWORD: address.secretKey, MINIO_BROWSER: "off" };
  return serve(means, folder, command, address, () => minioAnswers(endpoint), env);
}

/** Starts a separate SeaweedFS, another implementation of S3; resolves when it is ready. */
export async function startSeaweed(means: Means): Promise<Server<S3Address>> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const address = { endpoint, region: "us-east-1", accessKey: "pedigree", secretKey: "pedigree-tests" };
  const folder = await mkdtemp(join(tmpdir(), "pedigree-seaweed-"));
  const command = means === "docker" ? seaweedContainer(folder, port) : await seaweedProcess(folder, port);
  const env = { AWS_ACCESS_KEY_ID: address.accessKey, AWS_SECRET_ACCESS_KEY: address.secretKey };
  return serve(means, folder, command, address, () => seaweedAnswers(endpoint), env);
}

async function serve<A>(
  means: Means,
  folder: string,
  command: string[],
  address: A,
  answers: () => Promise<boolean>,
  env = {},
): Promise<Server<A>> {
  const container = means === "docker";
  const patience = container ? 300_000 : 60_000; // an image may have to be pulled first
  return Object.assign(await launch({ command, env, folder, container, answers, patience }), { address });
}

function neo4jContainer(folder: string, port: number, lifetime: Lifetime): string[] {
  const env = ["--env", "NEO4J_AUTH=none", "--env", `NEO4J_server_memory_heap_max__size=${heaps[lifetime]}`];
  return [...container(folder), "--publish", `127.0.0.1:${port}:7687`, ...env, "neo4j:5.26-community"];
}

async function neo4jProcess(folder: string, port: number, lifetime: Lifetime): Promise<string[]> {
  const jars = join(await fetchNeo4j(), "*");
  const opens = ["java.nio", "java.io", "sun.nio.ch", "java.lang"];
  const opened = opens.flatMap((name) => ["--add-opens", `java.base/${name}=ALL-UNNAMED`]);
  const flags = [`-Xmx${heaps[lifetime]}`, ...compiling[lifetime], ...opened];
  const launcher = join(dirname(fileURLToPath(import.meta.url)), "Neo4jLauncher.java");
  return ["java", ...flags, "-cp", jars, launcher, join(folder, "data"), String(port)];
}

function minioContainer(folder: string, port: number): string[] {
  const env = ["MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "MINIO_BROWSER"].flatMap((name) => ["--env", name]);
  return [...container(folder), "--publish", `127.0.0.1:${port}:9000`, ...env, "minio/minio", "server", "/data"];
}

async function minioProcess(folder: string, port: number): Promise<string[]> {
  const binary = join(await fetchMinio(), "minio");
  const flags = ["--quiet", "--certs-dir", join(folder, "certs"), "--address", `127.0.0.1:${port}`];
  return [binary, "server", ...flags, join(folder, "data")];
}

// Its catalogs listen on fixed ports, which a second server could not use.
const catalogues = ["-s3.port.iceberg=0", "-s3.port.lance=0"];
const seaweedFlags = ["-s3", ...catalogues, "-volume.max=50", "-master.volumeSizeLimitMB=128"];

function seaweedContainer(folder: string, port: number): string[] {
  const env = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].flatMap((name) => ["--env", name]);
  const publish = ["--publish", `127.0.0.1:${port}:8333`];
  return [...container(folder), ...publish, ...env, "chrislusf/seaweedfs", "server", "-dir=/data", ...seaweedFlags];
}

/** One process holds all its servers; each needs two ports. */
async function seaweedProcess(folder: string, port: number): Promise<string[]> {
  const binary = join(await fetchSeaweed(), "bin", "weed");
  const data = join(folder, "data");
  await mkdir(data);
  const names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc"];
  const ports: string[] = [];
  for (const name of [...names, "s3.port.grpc"]) ports.push(`-${name}=${await freePort()}`);
  const here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", `-s3.port=${port}`];
  return [binary, "server", `-dir=${data}`, ...here, ...ports, ...seaweedFlags];
}

function container(folder: string): string[] {
  const name = folder.slice(folder.lastIndexOf("/") + 1);
  return ["docker", "run", "--rm", "--name", name, "--volume", `${name}:/data`];
}

async function neo4jAnswers({ uri }: Neo4jAddress): Promise<boolean> {
  const driver = neo4j.driver(uri, undefined, { connectionTimeout: 2000, maxTransactionRetryTime: 0 });
  const answered = driver.executeQuery("RETURN 1").then(
    () => true,
    () => false,
  );
  return answered.finally(() => driver.close());
}

async function seaweedAnswers(endpoint: string): Promise<boolean> {
  return fetch(`${endpoint}/healthz`, { signal: AbortSignal.timeout(2000) }).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function minioAnswers(endpoint: string): Promise<boolean> {
  const signal = AbortSignal.timeout(2000);
  return fetch(`${endpoint}/minio/health/cluster`, { signal }).then(
    (answer) => answer.ok,
    () => false,
  );
}
