import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import type { GraphQLResponse } from "../../src/client/client.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";
import { stateOf } from "../support/load.ts";
import { type ServiceProcess, startProcess } from "../support/process.ts";
import { type Neo4jAddress, type S3Address, type Server, startMinio, startNeo4j } from "../support/servers.ts";
import { freshProject } from "../support/service.ts";

const means = inject("means");
const logVersion =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id number } } }";
type Logged = { logVersion: { created: boolean; version: { id: string; number: number } } };

/** Milliseconds between an UNAVAILABLE and the next request. Each refused request is repeated at the end. */
const retryDelayMs = 200;

/** Milliseconds within which a lost store, and a recovered one, must be noticed. */
const limits = { away: 5_000, back: 30_000 };

let graph: Server<Neo4jAddress>;
let blobs: Server<S3Address>;
beforeAll(async () => {
  if (means === "none") return;
  [graph, blobs] = await Promise.all([startNeo4j(means, "brief"), startMinio(means)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([graph?.close(), blobs?.close()]);
});

function startService() {
  return startProcess({
    LOG_LEVEL: "silent",
    PEDIGREE_GRAPH: graph.address.uri,
    PEDIGREE_BLOBS: "s3://pedigree",
    S3_ENDPOINT: blobs.address.endpoint,
    S3_ACCESS_KEY: blobs.address.accessKey,
    S3_SECRET_KEY: blobs.address.secretKey,
  });
}

async function readiness(service: ServiceProcess) {
  const response = await fetch(`${service.url}/health/ready`);
  const { down } = (await response.json()) as { down: string[] };
  return { status: response.status, down };
}
function ready(service: ServiceProcess) {
  return expect.poll(() => readiness(service), { timeout: limits.back }).toMatchObject({ status: 200, down: [] });
}

/** The response, which must arrive in time. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  const start = performance.now();
  const answer = await work;
  expect(performance.now() - start).toBeLessThan(limits.away);
  return answer;
}

async function codeOf(asked: Promise<GraphQLResponse<unknown>>) {
  return (await asked).errors?.map((error) => error.extensions.code);
}
async function problemOf(asked: Promise<Response>) {
  const response = await asked;
  const { code } = (await response.json()) as { code?: string };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), code };
}
const unavailable = { status: 503, retryAfter: "1", code: "UNAVAILABLE" };

/** Creates a project with a version that has a file. */
async function furnished(service: ServiceProcess) {
  const project = freshProject();
  const digest = await service.put(project, "the bytes");
  const input = { project, name: "kept", files: [{ path: "a.txt", digest }] };
  const { logVersion: logged } = await service.data<Logged>(logVersion, { input });
  return { project, file: `${service.url}/versions/${logged.version.id}/files/a.txt` };
}

function upload(service: ServiceProcess, project: string, body: string) {
  return fetch(`${service.url}/blobs?project=${project}`, { method: "PUT", body });
}
function log(service: ServiceProcess, project: string, key: string) {
  return service.ask<Logged>(logVersion, { input: { project, name: "asked", key } });
}

/** Starts a service while its stores are down: it says so, and works once they are up. */
async function startLate() {
  const service = await startService();
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
  expect(await inTime(readiness(service))).toMatchObject({ status: 503, down: ["graph", "blobs"] });
  const project = freshProject();
  expect(await inTime(codeOf(log(service, project, "k")))).toEqual(["UNAVAILABLE"]);
  expect(await inTime(problemOf(upload(service, project, "bytes")))).toEqual(unavailable);
  return {
    works: async () => {
      await ready(service);
      await furnished(service);
    },
  };
}

/** The ways in which a store fails and recovers. */
const ways = [
  {
    way: "stopped",
    leave: (server: Server<unknown>) => server.stop(),
    back: (server: Server<unknown>) => server.start(),
  },
  {
    way: "killed",
    leave: (server: Server<unknown>) => server.kill(),
    back: (server: Server<unknown>) => server.start(),
  },
  {
    way: "frozen",
    leave: async (server: Server<unknown>) => server.freeze(),
    back: async (server: Server<unknown>) => server.thaw(),
  },
].filter(({ way }) => way !== "frozen" || means === "fetch");

/** Neo4j starts slowly, so not every test stops it in every way. */
function but(left: string) {
  return ways.filter(({ way }) => way !== left);
}

/** Stops stores; they recover when the test says so, or when it ends. */
async function takeAway({ leave, back }: Omit<(typeof ways)[number], "way">, ...servers: Server<unknown>[]) {
  let returned: Promise<unknown> | undefined;
  const giveBack = () => {
    returned ??= Promise.all(servers.map(back));
    return returned;
  };
  onTestFinished(async () => void (await giveBack()), 60_000);
  await Promise.all(servers.map(leave));
  return giveBack;
}

/** Accepts connections, agrees to Bolt 5.8 and breaks them off at login, like a server that is killed at that moment. */
async function breakingServer(): Promise<string> {
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([0, 0, 8, 5]));
      socket.once("data", () => socket.resetAndDestroy());
    });
    socket.on("error", () => undefined); // the driver's end may break first
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a graph server that breaks off connections", () => {
  it("a graph server that breaks off connections during login counts as unavailable", { timeout: 20_000 }, async () => {
    const store = neo4jStore({ uri: await breakingServer() });
    onTestFinished(() => store.close());
    await expect(inTime(store.check())).rejects.toBeInstanceOf(Unavailable);
  });
});

describe.skipIf(means === "none")("replicas", { timeout: 60_000 }, () => {
  it("replicas start together on an empty database", async () => {
    const stores = Array.from({ length: 6 }, () => neo4jStore(graph.address));
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))));
    await expect(Promise.all(stores.map((store) => store.check()))).resolves.toHaveLength(6);
  });
});

describe.skipIf(means === "none")("a service whose stores fail", { timeout: 120_000 }, () => {
  it.each(but("stopped"))(
    "a service answers UNAVAILABLE in time while the graph is $way, and recovers",
    async (way) => {
      const service = await startService();
      const { project, file } = await furnished(service);
      const before = await stateOf(service, project);
      const giveBack = await takeAway(way, graph);
      const [read, write, uploaded, fetched, health] = await Promise.all([
        inTime(codeOf(service.ask("{ projects { totalCount } }"))),
        inTime(codeOf(log(service, project, "k"))),
        inTime(problemOf(upload(service, project, "others"))),
        inTime(problemOf(fetch(file))),
        inTime(readiness(service)),
      ]);
      expect([read, write]).toEqual([["UNAVAILABLE"], ["UNAVAILABLE"]]);
      expect([uploaded, fetched]).toEqual([unavailable, unavailable]);
      expect(health).toMatchObject({ status: 503, down: ["graph"] });
      // Later requests are refused too, and no later than the first.
      expect(await inTime(codeOf(log(service, project, "k")))).toEqual(["UNAVAILABLE"]);
      await giveBack();
      await ready(service);
      expect(await stateOf(service, project)).toEqual(before);
      const first = await log(service, project, "k");
      expect(first.data.logVersion).toMatchObject({ created: true, version: { number: 1 } });
      expect((await log(service, project, "k")).data.logVersion).toEqual({ ...first.data.logVersion, created: false });
      expect(await (await fetch(file)).text()).toBe("the bytes");
      expect((await upload(service, project, "others")).status).toBe(201);
    },
  );

  it.each(ways)("a service answers UNAVAILABLE in time while the blob store is $way, and recovers", async (way) => {
    const service = await startService();
    const { project, file } = await furnished(service);
    const giveBack = await takeAway(way, blobs);
    const [uploaded, fetched, health, write] = await Promise.all([
      inTime(problemOf(upload(service, project, "others"))),
      inTime(problemOf(fetch(file))),
      inTime(readiness(service)),
      inTime(log(service, project, "k")),
    ]);
    expect([uploaded, fetched]).toEqual([unavailable, unavailable]);
    expect(health).toMatchObject({ status: 503, down: ["blobs"] });
    expect(write.data.logVersion.created).toBe(true);
    const digest = `sha256:${createHash("sha256").update("others").digest("hex")}`;
    expect((await fetch(`${service.url}/blobs/${digest}?project=${project}`)).status).toBe(404);
    await giveBack();
    await ready(service);
    expect((await upload(service, project, "others")).status).toBe(201);
    expect(await (await fetch(file)).text()).toBe("the bytes");
  });

  it("a service stores nothing of an upload during which the blob store is killed", async () => {
    const service = await startService();
    const { project } = await furnished(service);
    const bytes = randomBytes(8_000_000);
    const held = new TransformStream<Uint8Array, Uint8Array>();
    const writer = held.writable.getWriter();
    const headers = { "content-length": String(bytes.length) };
    const init = { method: "PUT", body: held.readable, duplex: "half", headers };
    const sent = problemOf(fetch(`${service.url}/blobs?project=${project}`, init as RequestInit));
    await writer.write(bytes.subarray(0, 4_000_000));
    const giveBack = await takeAway({ leave: (server) => server.kill(), back: (server) => server.start() }, blobs);
    await writer.write(bytes.subarray(4_000_000)).catch(() => undefined);
    await writer.close().catch(() => undefined);
    expect(await inTime(sent)).toEqual(unavailable);
    await giveBack();
    await ready(service);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect((await fetch(`${service.url}/blobs/${digest}?project=${project}`)).status).toBe(404);
  });

  it.each(but("killed"))(
    "a service keeps every promise made before, while and after its stores are $way under load, and another one starts without them",
    async (way) => {
      const service = await startService();
      const project = freshProject();
      const promised = new Map<string, string>();
      const asked: string[] = [];
      const codes = new Set<unknown>();
      let [over, failed] = [false, 0];
      const writer = async (name: string) => {
        for (let turn = 0; !over; turn++) {
          const key = `${name}/${turn}`;
          asked.push(key);
          const { data, errors } = await log(service, project, key);
          if (errors) {
            failed += 1;
            codes.add(errors[0]?.extensions.code);
            await pause(retryDelayMs);
          } else promised.set(key, data.logVersion.version.id);
        }
      };
      const writers = Promise.all(Array.from({ length: 8 }, (_, i) => writer(`w${i}`)));
      writers.catch(() => undefined);
      onTestFinished(() => {
        over = true;
      });
      await expect.poll(() => promised.size, { timeout: limits.back }).toBeGreaterThan(20);
      const giveBack = await takeAway(way, graph, blobs);
      await expect.poll(() => failed, { timeout: limits.back }).toBeGreaterThan(7);
      const late = await startLate();
      await giveBack();
      await late.works();
      const until = promised.size + 20;
      await expect.poll(() => promised.size, { timeout: limits.back }).toBeGreaterThan(until);
      over = true;
      await writers;
      expect([...codes]).toEqual(["UNAVAILABLE"]);
      const left = [...asked];
      const askAgain = async (): Promise<void> => {
        for (let key = left.pop(); key !== undefined; key = left.pop()) {
          const { data } = await log(service, project, key);
          expect(promised.get(key) ?? data.logVersion.version.id).toBe(data.logVersion.version.id);
        }
      };
      await Promise.all(Array.from({ length: 8 }, askAgain));
      const { versions } = await stateOf(service, project);
      const numbers = [...versions.values()].map(({ number }) => number).sort((a, b) => a - b);
      expect(numbers).toEqual(asked.map((_, i) => i + 1));
    },
  );
});

const create = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } } }";

it.skipIf(!inject("s3"))("a service whose keys S3 refuses says so, and stores nothing", async () => {
  const s3 = inject("s3");
  const service = await startProcess({
    LOG_LEVEL: "silent",
    PEDIGREE_BLOBS: "s3://pedigree",
    S3_ENDPOINT: s3?.endpoint ?? "",
    S3_ACCESS_KEY: s3?.accessKey ?? "",
    S3_SECRET_KEY: "not the secret",
  });
  const project = freshProject();
  const form = new FormData();
  form.append("version", JSON.stringify({ project, name: "a" }));
  form.append("file", new Blob(["bytes"]), "a.txt");
  const posted = () => fetch(`${service.url}/versions`, { method: "POST", body: form });
  expect(await inTime(problemOf(upload(service, project, "bytes")))).toEqual(unavailable);
  expect(await inTime(problemOf(posted()))).toEqual(unavailable);
  expect(await codeOf(service.ask(create, { input: { project, size: 5 } }))).toEqual(["UNAVAILABLE"]);
  expect(await readiness(service)).toEqual({ status: 503, down: ["blobs"] });
  const stored = "{ projects { totalCount } versions { totalCount } }";
  expect(await service.data(stored)).toEqual({ projects: { totalCount: 0 }, versions: { totalCount: 0 } });
});

it.skipIf(process.platform !== "linux")("a service whose disk is full says so, and stores nothing", async () => {
  const service = await startProcess({ LOG_LEVEL: "silent" });
  const { project, file } = await furnished(service);
  const begun = await service.data<{ createUpload: { upload: { id: string } } }>(create, {
    input: { project, size: 5 },
  });
  const part = () =>
    fetch(`${service.url}/uploads/${begun.createUpload.upload.id}/parts/1`, { method: "PUT", body: "hello" });
  const objects = async () =>
    (await readdir(join(service.folder, "blobs"), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name !== "data")
      .map(({ name }) => name);
  const before = await objects();
  // No file may grow from now on, which a writer sees as a full disk.
  const limit = (bytes: string) =>
    promisify(execFile)("prlimit", ["--pid", String(service.pid()), `--fsize=${bytes}:unlimited`]);
  await limit("0");
  expect(await problemOf(upload(service, project, "others"))).toEqual(unavailable);
  expect(await problemOf(part())).toEqual(unavailable);
  expect(await readiness(service)).toEqual({ status: 503, down: ["blobs"] });
  expect(await (await fetch(file)).text()).toBe("the bytes");
  expect(await objects()).toEqual(before);
  await limit("unlimited");
  expect(await readiness(service)).toEqual({ status: 200, down: [] });
  expect((await upload(service, project, "others")).status).toBe(201);
  expect((await part()).status).toBe(200);
});
