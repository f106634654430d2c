import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect as connectSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";
import { connect, follow, type ReceivedEvent, versionLogged, type Wanted } from "../support/events.ts";
import { startProcess } from "../support/process.ts";
import { describeEngines, engines, freshProject, startTestService, type TestService } from "../support/service.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id number } } }";
type Logged = { logVersion: { version: { id: string; number: number } } };
type Client = Pick<TestService, "url" | "data">;

async function log(service: Client, input: object, token?: string): Promise<string> {
  return (await service.data<Logged>(logVersion, { input }, token)).logVersion.version.id;
}

/** A subscription that is certainly live: versions were logged until one was delivered. `token` is used for both. */
async function live(service: Client, project: string, wanted: Wanted = {}, token?: string) {
  const stream = follow(service.url, { project, ...wanted }, token ? { Authorization: `Bearer ${token}` } : {});
  const { name = "hello", ...rest } = { name: wanted.artifact, kind: wanted.kind, tags: wanted.tag && [wanted.tag] };
  let first: ReceivedEvent | undefined;
  const waiting = stream.next().then((event) => {
    first = event;
  });
  let last = "";
  while (!first) last = await log(service, { project, name: name ?? "hello", ...rest }, token);
  await waiting;
  for (let at: ReceivedEvent | undefined = first; at && at.version?.id !== last; ) at = await stream.next();
  return stream;
}

/** A websocket of the protocol, message by message. */
async function raw(url: string, headers: Record<string, string> = {}, init: object | null = {}) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/graphql`, "graphql-transport-ws", { headers });
  onTestFinished(() => socket.terminate());
  const messages: { type: string; id?: string; payload?: unknown }[] = [];
  const waiting: (() => void)[] = [];
  socket.on("message", (data) => {
    messages.push(JSON.parse(String(data)));
    for (const resume of waiting.splice(0)) resume();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, "open");
  if (init) socket.send(JSON.stringify({ type: "connection_init", payload: init }));
  /** The first matching message; earlier ones are kept. */
  const message = async (type: string, id?: string) => {
    for (;;) {
      const at = messages.findIndex((item) => item.type === type && (id === undefined || item.id === id));
      if (at >= 0) return messages.splice(at, 1)[0];
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  /** The first message of a type among those that have arrived. */
  const taken = (type: string) => {
    const at = messages.findIndex((item) => item.type === type);
    return at < 0 ? undefined : messages.splice(at, 1)[0];
  };
  const send = (item: object) => socket.send(JSON.stringify(item));
  const subscribe = (id: string, query: string, variables: object = {}) =>
    send({ id, type: "subscribe", payload: { query, variables } });
  if (init) await Promise.race([message("connection_ack"), closed]);
  return { socket, closed, message, taken, send, subscribe };
}

describeEngines("websocket subscriptions", (engine) => {
  let service: TestService;
  let lookups = 0;
  beforeAll(async () => {
    const store = await engine.open();
    const read: GraphStore["read"] = (statement, params) => {
      if (statement.name === "read-events") lookups += 1;
      return store.read(statement, params);
    };
    service = await startTestService(engine, {}, { graph: { ...store, read } });
  });
  afterAll(() => service?.close());

  it("a websocket delivers each version as it is logged, once, in order", async () => {
    const project = freshProject();
    const stream = await live(service, project);
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push(await log(service, { project, name: `m${i % 3}` }));
    const delivered = await stream.take(20);
    // Versions of an artifact are in the order of their numbers; those of other artifacts in the same millisecond in any order.
    const ofArtifact = (list: (string | undefined)[], i: number) =>
      list.filter((id) => ids.indexOf(id ?? "") % 3 === i);
    const seen = delivered.map((event) => event.version?.id);
    for (const i of [0, 1, 2]) expect(ofArtifact(seen, i)).toEqual(ofArtifact(ids, i));
    expect(new Set(seen)).toEqual(new Set(ids));
    const seqs = delivered.map((event) => event.seq);
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    expect(delivered.every((event) => event.type === "VERSION_LOGGED" && event.project.name === project)).toBe(true);
  });

  it("a websocket replays what came after a cursor, then goes on, with nothing lost or repeated under load", async () => {
    const project = freshProject();
    const { cursor } = await (async () => {
      const stream = await live(service, project);
      await log(service, { project, name: "start" });
      return stream.next();
    })();
    const writing = Promise.all(Array.from({ length: 60 }, (_, i) => log(service, { project, name: `m${i % 5}` })));
    const early = await follow(service.url, { project, after: cursor }).take(60);
    const ids = await writing;
    const late = await follow(service.url, { project, after: cursor }).take(60);
    expect(early).toEqual(late);
    expect(new Set(late.map((event) => event.version?.id))).toEqual(new Set(ids));
    const middle = await follow(service.url, { project, after: late[29]?.cursor ?? "" }).take(30);
    expect(middle).toEqual(late.slice(30));
  });

  it("a websocket delivers only the events of its filter", async () => {
    const project = freshProject();
    const other = freshProject();
    const [byArtifact, byKind, byTag, byAll] = await Promise.all([
      live(service, project, { artifact: "chosen" }),
      live(service, project, { kind: "MODEL" }),
      live(service, project, { tag: "red" }),
      live(service, project, { artifact: "both", kind: "MODEL", tag: "red" }),
    ]);
    await log(service, { project: other, name: "chosen", kind: "MODEL", tags: ["red"] });
    await log(service, { project, name: "plain", kind: "DATASET", tags: ["blue"] });
    const chosen = await log(service, { project, name: "chosen", kind: "DATASET", tags: ["blue"] });
    const model = await log(service, { project, name: "m", kind: "MODEL" });
    const red = await log(service, { project, name: "r", kind: "DATASET", tags: ["red", "x"] });
    const both = await log(service, { project, name: "both", kind: "MODEL", tags: ["red"] });
    // Versions that made the streams live are delivered first.
    const idsUntil = async (stream: typeof byAll, end: string) => {
      const ids: (string | undefined)[] = [];
      do ids.push((await stream.next()).version?.id);
      while (ids.at(-1) !== end);
      return ids;
    };
    expect((await idsUntil(byArtifact, chosen)).at(-1)).toBe(chosen);
    expect((await idsUntil(byKind, both)).slice(-2)).toEqual([model, both]);
    expect((await idsUntil(byTag, both)).slice(-2)).toEqual([red, both]);
    expect(await idsUntil(byAll, both)).toEqual([both]);
  });

  it("50 subscribers over websockets get the same events", async () => {
    const project = freshProject();
    const first = await live(service, project);
    await log(service, { project, name: "start" });
    const { cursor } = await first.next();
    const streams = Array.from({ length: 50 }, () => follow(service.url, { project, after: cursor }));
    for (let i = 0; i < 5; i++) await log(service, { project, name: "m" });
    const delivered = await Promise.all(streams.map((stream) => stream.take(5)));
    for (const events of delivered) expect(events).toEqual(delivered[0]);
  });

  it("a stopped websocket subscription costs nothing, also when it never had an event", async () => {
    const project = freshProject();
    const { subscribe, send, message, socket } = await raw(service.url);
    for (let i = 0; i < 50; i++) subscribe(`s${i}`, versionLogged, { project: "never-there" });
    subscribe("own", versionLogged, { project });
    // Answered once all earlier subscriptions have begun.
    subscribe("head", "{ head }");
    await message("next", "head");
    const dropped = await raw(service.url);
    for (let i = 0; i < 50; i++) dropped.subscribe(`s${i}`, versionLogged, { project: "never-there" });
    const stream = await live(service, project);
    await message("next", "own");
    expect(await subscriptions(service)).toBeGreaterThan(50);
    const before = lookups;
    await log(service, { project, name: "m" });
    await stream.next();
    // One read of the log serves all subscribers.
    expect(lookups - before).toBeGreaterThan(0);
    expect(lookups - before).toBeLessThan(10);
    for (let i = 0; i < 50; i++) send({ id: `s${i}`, type: "complete" });
    send({ id: "own", type: "complete" });
    send({ type: "ping" });
    await message("pong");
    dropped.socket.close();
    await dropped.closed;
    await stream.stop();
    await expect.poll(() => subscriptions(service)).toBe(0);
    socket.close();
  });

  it("a websocket subscription refuses an invalid cursor", async () => {
    const { subscribe, message } = await raw(service.url);
    for (const [id, after] of Object.entries({
      a: "nonsense",
      b: Buffer.from("seq:-1").toString("base64url"),
      c: "",
    })) {
      subscribe(id, versionLogged, { after });
      const refused = await Promise.race([message("error", id), message("next", id)]);
      const payload = refused?.payload as { errors?: object[] } | object[];
      expect((Array.isArray(payload) ? payload : payload.errors)?.[0]).toMatchObject({
        extensions: { code: "INVALID_INPUT", field: "after" },
      });
    }
  });
});

/** The number of open subscriptions, by the service's metrics. */
async function subscriptions({ url }: Client): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^pedigree_subscriptions (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}

describe("the websocket route", () => {
  let service: TestService;
  const token = "the-token";
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-tokens-"));
    const entry = (value: string, projects: string[]) => ({
      sha256: createHash("sha256").update(value).digest("hex"),
      actor: value,
      role: "contributor",
      projects,
    });
    const file = join(folder, "tokens.json");
    await writeFile(file, JSON.stringify([entry(token, ["*"]), entry("narrow", ["mine"])]));
    service = await startTestService(engines[0], { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: file });
    await rm(folder, { recursive: true });
  });
  afterAll(() => service?.close());

  it("a websocket takes the token from connection_init, in any case, or from the header", async () => {
    for (const [headers, init] of [
      [{}, { Authorization: `Bearer ${token}` }],
      [{}, { authorization: `Bearer ${token}` }],
      [{ authorization: `Bearer ${token}` }, {}],
    ] as const) {
      const { message, subscribe } = await raw(service.url, headers, init);
      subscribe("q", "{ __typename }");
      expect((await message("next", "q"))?.payload).toEqual({ data: { __typename: "Query" } });
    }
  });

  it.each([{}, { Authorization: "Bearer wrong" }, { Authorization: 7 }, { Authorization: token }])(
    "a websocket closes with 4403 on %j",
    async (init) => {
      const { closed } = await raw(service.url, {}, init);
      expect(await closed).toMatchObject({ code: 4403 });
    },
  );

  it("a websocket closes with 4401 when a request precedes connection_init", async () => {
    const { closed, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` }, null);
    subscribe("q", "{ __typename }");
    expect(await closed).toMatchObject({ code: 4401 });
  });

  it("a websocket delivers nothing that its actor may not read", async () => {
    const narrow = { Authorization: "Bearer narrow" };
    const refused = await follow(service.url, { project: "theirs" }, narrow)
      .next()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "FORBIDDEN", permission: "log:read" });
    const stream = await live(service, "mine", {}, "narrow");
    const all = follow(service.url, { after: Buffer.from("seq:0").toString("base64url") }, narrow);
    const theirs = await log(service, { project: "theirs", name: "m" }, token);
    const mine = await log(service, { project: "mine", name: "m" }, token);
    const seen: (string | undefined)[] = [];
    do seen.push((await all.next()).version?.id);
    while (seen.at(-1) !== mine);
    expect(seen).not.toContain(theirs);
    expect((await stream.next()).version?.id).toBe(mine);
  });

  it("a websocket refuses its 101st operation, and accepts another once one is stopped", async () => {
    const { message, subscribe, send } = await raw(service.url, { authorization: `Bearer ${token}` });
    for (let i = 0; i < 100; i++) subscribe(`s${i}`, versionLogged);
    subscribe("one-more", versionLogged);
    expect(await message("error")).toMatchObject({
      id: "one-more",
      payload: [{ extensions: { code: "TOO_COMPLEX", limit: 100, actual: 101 } }],
    });
    send({ id: "s7", type: "complete" });
    subscribe("instead", "{ __typename }");
    expect(await message("next", "instead")).toMatchObject({ payload: { data: { __typename: "Query" } } });
  });

  it("each websocket subscriber gets what its own document selects, whatever the variable defaults of others", async () => {
    const project = freshProject();
    const { message, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` });
    const wanting = (value: boolean) => `subscription ($project: String, $typed: Boolean! = ${value}) {
      versionLogged(project: $project) { seq type @include(if: $typed) } }`;
    const asked = Object.entries({ typed: true, bare: false, again: true });
    for (const [id, value] of asked) subscribe(id, wanting(value), { project });
    subscribe("given", wanting(false), { project, typed: true });
    // Answered after all earlier subscriptions have begun.
    subscribe("head", "{ head }");
    await message("next", "head");
    await log(service, { project, name: "m" }, token);
    const typed = { payload: { data: { versionLogged: { seq: expect.any(Number), type: "VERSION_LOGGED" } } } };
    for (const id of ["typed", "again", "given"]) expect(await message("next", id)).toMatchObject(typed);
    const { payload } = (await message("next", "bare")) ?? {};
    expect(payload).toEqual({ data: { versionLogged: { seq: expect.any(Number) } } });
  });

  it("a websocket accepts an id again as soon as its operation ended", async () => {
    const project = freshProject();
    const { message, subscribe, send, taken } = await raw(service.url, { authorization: `Bearer ${token}` });
    const named = (name: string) =>
      `subscription ($project: String) { versionLogged(project: $project) { ${name}: seq } }`;
    for (const turn of ["one", "two", "three", "four"]) {
      subscribe("id", named(turn), { project });
      subscribe("head", "{ head }");
      await message("next", "head");
      await log(service, { project, name: "m" }, token);
      expect(await message("next", "id")).toMatchObject({
        payload: { data: { versionLogged: { [turn]: expect.any(Number) } } },
      });
      await message("complete", "head");
      send({ id: "id", type: "complete" });
    }
    subscribe("id", "{ __typename }");
    await message("next", "id");
    await message("complete", "id");
    expect(taken("complete")).toBeUndefined();
  });

  it("a websocket refuses an operation with a long id, which would go into each of its messages", async () => {
    const { message, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` });
    const refused = { payload: [{ extensions: { code: "TOO_LARGE", limit: 256 } }] };
    subscribe("i".repeat(257), versionLogged);
    expect(await message("error")).toMatchObject(refused);
    subscribe("i".repeat(256), "{ __typename }");
    expect(await message("next")).toMatchObject({ payload: { data: { __typename: "Query" } } });
  });

  it("a websocket refuses a subscription of two root fields and other invalid documents", async () => {
    const { message, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` });
    for (const [query, wanted] of Object.entries({
      "subscription { a: versionLogged { seq } b: versionLogged { seq } }": "GRAPHQL_VALIDATION_FAILED",
      "subscription { versionLogged { nothing } }": "GRAPHQL_VALIDATION_FAILED",
      "subscription {": "GRAPHQL_PARSE_FAILED",
      "subscription ($tag: String!) { versionLogged(tag: $tag) { seq } }": "BAD_USER_INPUT",
    })) {
      subscribe(query, query);
      const { payload } = (await Promise.race([message("error", query), message("next", query)])) ?? {};
      const errors = Array.isArray(payload) ? payload : (payload as { errors: unknown[] }).errors;
      expect(errors[0]).toMatchObject({ extensions: { code: wanted } });
      expect(JSON.stringify(payload)).not.toMatch(/stack|node_modules/);
    }
  });

  it("a websocket refuses documents that are too long or too deep", async () => {
    const { message, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` });
    const deep = `{ project(name: "p") { ${"versions { nodes { artifact { ".repeat(20)} id ${"} } }".repeat(20)} } }`;
    for (const [id, query] of Object.entries({ long: `{ __typename }${" ".repeat(100_001)}`, deep })) {
      subscribe(id, query);
      expect(await message("error", id)).toMatchObject({ payload: [{ extensions: { code: "TOO_COMPLEX" } }] });
    }
  });

  it("a websocket reader that reads nothing holds up neither the others nor itself when it reads again", async () => {
    const project = freshProject();
    const stream = await live(service, project, {}, token);
    await log(service, { project, name: "start" }, token);
    const { cursor } = await stream.next();
    const slow = await raw(service.url, { authorization: `Bearer ${token}` });
    slow.subscribe("slow", versionLogged.replace("cursor", "cursor version { metadata }"), { project, after: cursor });
    slow.socket.pause();
    const metadata = { text: "x".repeat(200_000) };
    const count = 100; // 20 MB: far beyond what the sockets hold
    for (let i = 0; i < count; i++) await log(service, { project, name: "m", metadata }, token);
    const delivered = await stream.take(count);
    slow.socket.resume();
    const late: (string | undefined)[] = [];
    while (late.length < count) {
      const { payload } = (await slow.message("next", "slow")) ?? {};
      late.push((payload as { data: { versionLogged: ReceivedEvent } }).data.versionLogged.version?.id);
    }
    expect(late).toEqual(delivered.map((event) => event.version?.id));
  });

  it("a websocket closes with 4429 on a reader that reads nothing for too long, and the reader resumes without loss", async () => {
    const impatient = await startTestService(engines[0], { PEDIGREE_STALL_TIMEOUT: "1s" });
    const project = freshProject();
    const stream = await live(impatient, project);
    await log(impatient, { project, name: "start" });
    const { cursor } = await stream.next();
    const slow = await raw(impatient.url);
    const document = versionLogged.replace("version { id number", "version { id number metadata");
    slow.subscribe("slow", document, { project, after: cursor });
    slow.socket.pause();
    const metadata = { text: "x".repeat(200_000) };
    const count = 100;
    for (let i = 0; i < count; i++) await log(impatient, { project, name: "m", metadata });
    const delivered = await stream.take(count);
    // A reader that reads nothing can't see it: the service's stall timeout must pass.
    await delay(2_500);
    slow.socket.resume();
    expect(await slow.closed).toMatchObject({ code: 4429 });
    const seen: ReceivedEvent[] = [];
    for (let next = slow.taken("next"); next; next = slow.taken("next")) {
      seen.push((next.payload as { data: { versionLogged: ReceivedEvent } }).data.versionLogged);
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(count);
    const rest = await follow(impatient.url, { project, after: seen.at(-1)?.cursor ?? "" }).take(count - seen.length);
    expect([...seen, ...rest].map((event) => event.version?.id)).toEqual(delivered.map((event) => event.version?.id));
    await impatient.close();
  }, 30_000);

  it("a websocket pings silent peers and drops those that do not answer", async () => {
    const curious = await startTestService(engines[0], {}, { heartbeatIntervalMs: 100 });
    const there = await raw(curious.url);
    let asked = 0;
    there.socket.on("ping", () => {
      asked += 1;
    });
    const gone = connectSocket(Number(new URL(curious.url).port), "127.0.0.1");
    const head = "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    gone.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\n`);
    gone.write("Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n");
    gone.resume().on("error", () => undefined);
    await once(gone, "close");
    await expect.poll(() => asked).toBeGreaterThan(3);
    expect(there.socket.readyState).toBe(there.socket.OPEN);
    await curious.close();
    expect(await there.closed).toMatchObject({ code: 1001 });
  });

  it("websockets are closed in time when the service stops, whether their peers read or not", async () => {
    const own = await startTestService(engines[0]);
    const deaf = await raw(own.url);
    deaf.subscribe("s", versionLogged);
    deaf.socket.pause();
    const reads = await raw(own.url);
    const start = performance.now();
    await own.close();
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(await reads.closed).toMatchObject({ code: 1001 });
  });

  it("a websocket delivers messages of any length whole, also those with a length of two or eight bytes", async () => {
    const project = freshProject();
    const { message, subscribe, send } = await raw(service.url, { authorization: `Bearer ${token}` });
    const { head } = await service.data<{ head: string }>("{ head }", {}, token);
    await log(service, { project, name: "m" }, token);
    const expectedEvent = (id: string, name: string) => {
      const payload = { data: { versionLogged: { [name]: "VERSION_LOGGED" } } };
      return { id, type: "next", payload };
    };
    const around = JSON.stringify(expectedEvent("1", "")).length;
    const lengths = [125, 126, 127, 128, 65_535, 65_536, 65_537];
    const asked = [
      ...lengths.map((length, i) => [`${i}`, "x".repeat(length - around)] as const),
      ["größe", "x"] as const,
    ];
    for (const [id, name] of asked) {
      const fields = `versionLogged(project: $project, after: $after) { ${name}: type }`;
      subscribe(id, `subscription ($project: String, $after: Cursor) { ${fields} }`, { project, after: head });
    }
    for (const [id, name] of asked) expect(await message("next", id)).toEqual(expectedEvent(id, name));
    send({ type: "ping" });
    expect(await message("pong")).toEqual({ type: "pong" });
  });

  it("a websocket answers 10,000 refused subscriptions in time", async () => {
    const { message, subscribe } = await raw(service.url, { authorization: `Bearer ${token}` });
    for (let i = 0; i < 10_000; i++) subscribe(`s${i}`, versionLogged);
    for (let i = 100; i < 10_000; i += 99) {
      expect(await message("error", `s${i}`)).toMatchObject({ payload: [{ extensions: { code: "TOO_COMPLEX" } }] });
    }
  });

  it("a websocket is closed to pages and names of other hosts, on every route", async () => {
    const { port } = new URL(service.url);
    const own = `127.0.0.1:${port}`;
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "AQIDBAUGBwgJCgsMDQ4PEA==",
    };
    const routes: [string, string, Record<string, string>][] = [
      ["GET", "/graphql", { ...upgrade, "sec-websocket-protocol": "graphql-transport-ws" }],
      ["GET", "/graphql?query={__typename}", {}],
      ["POST", "/graphql", {}],
      ["PUT", "/blobs?project=p", {}],
      ["GET", "/blobs/sha256:00?project=p", {}],
      ["GET", "/versions/p%2Fm/files/a", {}],
      ["GET", "/health/live", {}],
      ["GET", "/health/ready", {}],
      ["GET", "/graphiql/", {}],
      ["GET", "/", {}],
      ["GET", "/nowhere", {}],
    ];
    for (const [method, path, headers] of routes) {
      for (const [host, origin] of [
        ["evil.example", undefined],
        [`evil.example:${port}`, undefined],
        [own, "http://evil.example"],
        [own, `http://evil.example:${port}`],
        [own, "null"],
        [own, "http://127.0.0.1.evil.example"],
      ]) {
        const head = { ...headers, host: host ?? "", ...(origin && { origin }) };
        expect({ path, ...head, status: await statusOf(Number(port), method, path, head) }).toMatchObject({
          status: 403,
        });
      }
      const allowed = await statusOf(Number(port), method, path, {
        ...headers,
        host: own,
        origin: `http://localhost:${port}`,
      });
      expect({ path, allowed }).not.toMatchObject({ allowed: 403 });
    }
  });

  it("a websocket is served on /graphql alone", async () => {
    const socket = new WebSocket(`${service.url.replace("http", "ws")}/elsewhere`, "graphql-transport-ws");
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toMatch(/40[34]/);
  });

  it("the service survives malformed websocket messages", async () => {
    const nonsense = await raw(service.url, { authorization: `Bearer ${token}` });
    nonsense.socket.send("this is no JSON");
    expect(await nonsense.closed).toMatchObject({ code: 4400 });
    const large = await raw(service.url, { authorization: `Bearer ${token}` });
    large.socket.send("x".repeat(2 ** 20 + 1));
    expect(await large.closed).toMatchObject({ code: 1009 });
    const broken = connectSocket(Number(new URL(service.url).port), "127.0.0.1");
    broken.write("GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await once(broken, "data");
    broken.destroy();
    expect(await service.data("{ __typename }", {}, token)).toEqual({ __typename: "Query" });
  });
});

async function statusOf(port: number, method: string, path: string, headers: Record<string, string>): Promise<number> {
  const sent = request({ host: "127.0.0.1", port, method, path, headers });
  sent.end();
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
  });
}

it("a subscription to upstream changes survives a graph that can't be walked for a while", async () => {
  const store = await engines[0].open();
  let [isAway, refused] = [false, 0];
  const walk: GraphStore["walk"] = (...asked) => {
    if (!isAway) return store.walk(...asked);
    refused += 1;
    return Promise.reject(new Unavailable("graph", new Error("away")));
  };
  const service = await startTestService(engines[0], {}, { graph: { ...store, walk } });
  onTestFinished(() => service.close());
  const project = freshProject();
  await log(service, { project, name: "data" });
  const model = await log(service, { project, name: "model", inputs: [`${project}/data:1`] });
  const { message, subscribe } = await raw(service.url);
  const { head } = await service.data<{ head: string }>("{ head }");
  const upstream =
    "subscription ($of: VersionRef!, $after: Cursor) { upstreamChanged(of: $of, after: $after) { version { id } } }";
  subscribe("id", upstream, { of: model, after: head });
  isAway = true;
  const newer = await log(service, { project, name: "data", metadata: { n: 2 } });
  await expect.poll(() => refused).toBeGreaterThan(1);
  isAway = false;
  const delivered = await Promise.race([message("next", "id"), message("error", "id")]);
  expect(delivered).toMatchObject({ payload: { data: { upstreamChanged: { version: { id: newer } } } } });
});

it("a subscription that resumes after a restart of the service loses and repeats nothing", async () => {
  const service = await startProcess();
  const project = freshProject();
  const stream = await live(service, project);
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await log(service, { project, name: "m" }));
  const delivered = await stream.take(3);
  await service.end("SIGKILL");
  await service.start();
  ids.push(await log(service, { project, name: "m" }));
  const resumed = connect(service.url).versions({ project, after: delivered.at(-1)?.cursor ?? "" });
  ids.push(await log(service, { project, name: "m" }));
  const rest = await resumed.take(4);
  expect([...delivered, ...rest].map((event) => event.version?.id)).toEqual(ids);
  expect([...delivered, ...rest].map((event) => event.version?.number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
