import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "graphql-sse";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type EventSource, openEventSource } from "../support/event-source.ts";
import { describeEngines, engines, freshProject, startTestService, type TestService } from "../support/service.ts";

const events = `subscription ($project: String!, $after: Cursor) {
  events(filter: { project: { eq: $project } }, after: $after) { cursor type version { number } }
}`;
const withoutCursor =
  "subscription ($project: String) { versionLogged(project: $project) { version { number metadata } } }";
type Next = { data: { events: { cursor: string; type: string; version: { number: number } } } };

function logTo(service: TestService, token?: string) {
  return async (project: string, more: object = {}) =>
    service.data(
      "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }",
      { input: { project, name: "m", ...more } },
      token,
    );
}
async function headOf(service: TestService, token?: string) {
  return (await service.data<{ head: string }>("{ head }", {}, token)).head;
}
async function numbers(source: EventSource, count: number) {
  const all: unknown[] = [];
  while (all.length < count) {
    const sent = await source.next();
    if (sent?.event !== "next") throw new Error(JSON.stringify(sent));
    const { data } = sent.data as { data: Record<string, { version: { number: number } }> };
    all.push(Object.values(data)[0]?.version.number);
  }
  return all;
}

describeEngines("Server-Sent Events", (engine) => {
  let service: TestService;
  let log: ReturnType<typeof logTo>;
  beforeAll(async () => {
    service = await startTestService(engine, {}, { heartbeatIntervalMs: 50 });
    log = logTo(service);
  });
  afterAll(() => service?.close());

  it("a subscription that asks for a single response is directed to Server-Sent Events", async () => {
    const response = await fetch(`${service.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { events { type } }" }),
    });
    const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining("text/event-stream") })]);
    expect(errors[0]?.extensions).toEqual({ code: "INVALID_INPUT", field: "query" });
  });

  it.each([false, true])(
    "an event stream delivers what happens after a cursor, then goes on live (by POST: %s)",
    async (post) => {
      const project = freshProject();
      const after = await headOf(service);
      await log(project);
      const source = await openEventSource(service.url, events, { project, after }, { post });
      expect(source).toMatchObject({ status: 200, headers: { "content-type": "text/event-stream; charset=utf-8" } });
      const first = await source.next();
      if (!first) throw new Error("the stream has ended");
      const { cursor, ...delivered } = (first.data as Next).data.events;
      expect(first).toMatchObject({ id: cursor, event: "next" });
      expect(delivered).toEqual({ type: "VERSION_LOGGED", version: { number: 1 } });
      await log(project);
      expect(await numbers(source, 1)).toEqual([2]);
      await expect.poll(source.comments).toBeGreaterThan(2);
    },
  );

  it("an event stream carries the cursor as event id, and a client resumes from it whatever its document says", async () => {
    const project = freshProject();
    await log(project);
    const source = await openEventSource(service.url, withoutCursor, { project });
    for (let i = 0; i < 4; i++) await log(project);
    const seen = await source.next();
    expect(seen?.data).toMatchObject({ data: { versionLogged: { version: { number: 2 } } } });
    source.close();
    await log(project);
    const headers = { "last-event-id": seen?.id ?? "" };
    const resumed = await openEventSource(service.url, withoutCursor, { project }, { headers });
    expect(await numbers(resumed, 4)).toEqual([3, 4, 5, 6]);
    const again = await openEventSource(service.url, events, { project, after: await headOf(service) }, { headers });
    expect(await numbers(again, 4)).toEqual([3, 4, 5, 6]);
  });

  it("queries and mutations are answered as event streams, and complete", async () => {
    const project = freshProject();
    const query = await openEventSource(service.url, "{ __typename }", {});
    expect(await query.next()).toEqual({ id: null, event: "next", data: { data: { __typename: "Query" } } });
    expect(await query.next()).toEqual({ id: null, event: "complete", data: null });
    expect(await query.next()).toBeNull();
    const mutation = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { number } } }";
    const input = { project, name: "m" };
    const posted = await openEventSource(service.url, mutation, { input }, { post: true });
    expect((await posted.next())?.data).toEqual({ data: { logVersion: { version: { number: 1 } } } });
    const got = await openEventSource(service.url, mutation, { input });
    expect((await got.next())?.data).toMatchObject({ errors: [{ extensions: { code: "INVALID_INPUT" } }] });
  });

  it.each([
    ["a cursor that is none", events, { project: "p", after: "nonsense" }, "INVALID_INPUT"],
    ["what the schema doesn't have", "subscription { nothing { seq } }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["a variable of another type", events, { project: 5 }, "BAD_USER_INPUT"],
    ["two root fields", "subscription { a: events { seq } b: events { seq } }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["what is no document", "subscription {", {}, "GRAPHQL_PARSE_FAILED"],
    ["a document that is too long", `{ __typename }${" ".repeat(100_001)}`, {}, "TOO_COMPLEX"],
  ])("an event stream reports %s as an error within the stream", async (_name, query, variables, code) => {
    const source = await openEventSource(service.url, query, variables, { post: true });
    const refused = (await source.next())?.data as { errors: { message: string; extensions?: { code?: string } }[] };
    expect(refused.errors[0]?.extensions?.code).toBe(code);
    expect(refused.errors[0]?.message).not.toMatch(/internal error/);
    expect((await source.next())?.event).toBe("complete");
  });

  it("graphql-sse understands the event stream, and goes on when the stream breaks", async () => {
    const project = freshProject();
    const client = createClient({ url: `${service.url}/graphql`, retryAttempts: 0 });
    onTestFinished(() => client.dispose());
    const after = await headOf(service);
    const stream = client.iterate<Next["data"]>({ query: events, variables: { project, after } });
    for (let i = 1; i <= 3; i++) {
      await log(project);
      expect((await stream.next()).value).toMatchObject({ data: { events: { version: { number: i } } } });
    }
  });
});

describe("the event stream route", () => {
  let service: TestService;
  const token = "the-token";
  const authorization = `Bearer ${token}`;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-tokens-"));
    const file = join(folder, "tokens.json");
    const sha256 = createHash("sha256").update(token).digest("hex");
    await writeFile(file, JSON.stringify([{ sha256, actor: "ada", role: "contributor", projects: ["mine", "*"] }]));
    const env = { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: file, PEDIGREE_STALL_TIMEOUT: "1s" };
    service = await startTestService(engines[0], env);
    await rm(folder, { recursive: true });
  });
  afterAll(() => service?.close());

  it("an event stream requires a token and an allowed host", async () => {
    expect((await openEventSource(service.url, events, { project: "mine" })).status).toBe(401);
    const headers = { authorization, origin: "http://evil.example" };
    expect((await openEventSource(service.url, events, { project: "mine" }, { headers })).status).toBe(403);
    const wrong = await fetch(`${service.url}/graphql`, { headers: { authorization, accept: "text/event-stream" } });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ errors: [{ extensions: { code: "INVALID_INPUT", field: "query" } }] });
  });

  it("an event stream drops a reader that reads nothing, who resumes without loss, and does not hold up others", async () => {
    const project = freshProject();
    const log = logTo(service, token);
    await log(project);
    const headers = { authorization };
    const slow = await openEventSource(service.url, withoutCursor, { project }, { headers });
    const quick = await openEventSource(service.url, withoutCursor, { project }, { headers });
    slow.response.pause();
    const metadata = { text: "x".repeat(200_000) };
    const count = 100;
    const delivered = numbers(quick, count);
    for (let i = 0; i < count; i++) await log(project, { metadata });
    expect(await delivered).toEqual(Array.from({ length: count }, (_, i) => i + 2));
    // A reader that reads nothing can't see it: the service's stall timeout must pass.
    await delay(2_500);
    const seen: string[] = [];
    slow.response.resume();
    for (let sent = await slow.next(); sent; sent = await slow.next()) seen.push(sent.id ?? "");
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(count);
    const resumed = await openEventSource(
      service.url,
      withoutCursor,
      { project },
      { headers: { ...headers, "last-event-id": seen.at(-1) ?? "" } },
    );
    const rest = count - seen.length;
    expect(await numbers(resumed, rest)).toEqual(Array.from({ length: rest }, (_, i) => i + 2 + seen.length));
  }, 30_000);

  it("an event stream ends without `complete` when the service stops", async () => {
    const own = await startTestService(engines[0]);
    const source = await openEventSource(own.url, events, { project: "p" });
    const idle = await openEventSource(own.url, events, { project: "p" });
    idle.response.pause();
    await own.close();
    expect(await source.next()).toBeNull();
  });
});
