import { type ClientRequest, request } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { Overloaded } from "../../src/domain/core/errors.ts";
import { createAnswerSlots, createRequestGraph } from "../../src/domain/core/request-graph.ts";
import { createValueCounter } from "../../src/lib/json-values.ts";
import { createSlots } from "../../src/lib/slots.ts";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const MiB = 2 ** 20;
const plain = "query ($a: JSON) { __typename @include(if: true) }";

/** The sizes of what a client sends and receives are bounded. */
describeEngines("large requests", (engine) => {
  const api = useApi(engine);
  const post = async (body: string, actor: "admin" | "both" = "admin") => {
    const headers = { "content-type": "application/json" };
    const response = await api.http("/graphql", { method: "POST", body, headers }, actor);
    const { errors } = (await response.json()) as { errors?: { extensions: object }[] };
    return { status: response.status, ...errors?.[0]?.extensions };
  };
  const toBody = (query: string, variables: object) => JSON.stringify({ query, variables });

  it.each([
    ["empty objects", `[${"{},".repeat(500_001)}{}]`],
    ["empty lists", `[${"[],".repeat(500_001)}[]]`],
    ["numbers", `[${"1,".repeat(500_001)}1]`],
    ["members", `{${Array.from({ length: 500_002 }, (_, i) => `"${i}":1`).join()}}`],
  ])("a body of half a million %s is TOO_COMPLEX before it is parsed", async (_name, json) => {
    const refused = { status: 400, code: "TOO_COMPLEX", limit: 500_000, actual: expect.any(Number) };
    expect(await post(`{"query":${JSON.stringify(plain)},"variables":{"a":${json}}}`)).toEqual(refused);
  });

  it("a form whose version has half a million values is TOO_COMPLEX", async () => {
    const form = new FormData();
    form.append("version", `{"project":"p","name":"m","metadata":{"a":[${"{},".repeat(500_001)}{}]}}`);
    const response = await api.http("/versions", { method: "POST", body: form });
    expect(await response.json()).toMatchObject({ code: "TOO_COMPLEX", limit: 500_000 });
  });

  it("a body over 16 MiB is TOO_LARGE unless it publishes a run", async () => {
    const refused = { status: 413, code: "TOO_LARGE", limit: 16 * MiB };
    expect(await post(toBody(plain, { a: "x".repeat(16 * MiB) }))).toEqual(refused);
    const project = freshProject();
    const outputs = Array.from({ length: 80 }, (_, i) => ({ name: `m${i}`, metadata: { a: "x".repeat(250_000) } }));
    const { created } = await api.publish({ project, name: "large", outputs });
    expect(created).toBe(true);
  });

  it("a body over 64 MiB is TOO_LARGE before it is sent", async () => {
    const headers = {
      "content-type": "application/json",
      "content-length": 64 * MiB + 1,
      authorization: "Bearer admin",
    };
    const sent = request(`${api.url()}/graphql`, { method: "POST", headers });
    onTestFinished(() => void sent.destroy());
    sent.on("error", () => undefined).flushHeaders();
    const status = await new Promise((resolve) => sent.on("response", ({ statusCode }) => resolve(statusCode)));
    expect(status).toBe(413);
  });

  it("few large bodies are received at the same time; others are UNAVAILABLE until one of them was answered", async () => {
    const begin = (): ClientRequest => {
      const headers = { "content-type": "application/json", authorization: "Bearer admin" };
      const sent = request(`${api.url()}/graphql`, { method: "POST", headers });
      onTestFinished(() => void sent.destroy());
      sent.on("error", () => undefined).write(`{"query":"{ __typename }","variables":{"a":"${"x".repeat(2 * MiB)}`);
      return sent;
    };
    const [first] = [begin(), begin()];
    const large = toBody("{ __typename }", { a: "x".repeat(2 * MiB) });
    await expect.poll(() => post(large)).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    expect(await post(large, "both")).toEqual({ status: 200 });
    expect(await post(toBody("{ __typename }", {}))).toEqual({ status: 200 });
    first?.destroy();
    await expect.poll(() => post(large)).toEqual({ status: 200 });
  });

  it("an answer made of more than 128 MiB is TOO_LARGE", async () => {
    const project = freshProject();
    const outputs = Array.from({ length: 10 }, (_, i) => ({ name: `m${i}`, metadata: { a: "x".repeat(250_000) } }));
    await api.publish({ project, name: "r", outputs });
    const aliases = (count: number) =>
      `{ ${Array.from({ length: count }, (_, i) => `a${i}: versions(first: 10, filter: { project: { eq: "${project}" } }) { nodes { metadata } }`).join(" ")} }`;
    expect(await post(toBody(aliases(60), {}))).toMatchObject({ code: "TOO_LARGE", limit: 128 * MiB });
    expect(await post(toBody(aliases(4), {}))).toEqual({ status: 200 });
  });

  it("few large answers are made at the same time for one actor, until one of them has ended", async () => {
    const store = await engine.open();
    onTestFinished(() => store.close());
    const [takeAnswerSlot, first] = [createAnswerSlots(), new AbortController()];
    const read = (signal: AbortSignal, name = "ada") =>
      createRequestGraph(store, { actor: { name }, signal, takeAnswerSlot }).read(
        { name: "large", text: "UNWIND range(1, 70) AS i RETURN i, $text AS text" },
        { text: "x".repeat(250_000) },
      );
    const { signal } = new AbortController();
    await read(first.signal);
    await read(signal);
    await expect(read(signal)).rejects.toBeInstanceOf(Overloaded);
    await read(signal, "bob");
    first.abort();
    expect(await read(signal)).toHaveLength(70);
  });
});

it("values of JSON are counted across chunks, but not in its texts", () => {
  const count = (json: string, size: number) => {
    const add = createValueCounter();
    const bytes = Buffer.from(json);
    let total = 0;
    for (let at = 0; at < bytes.length; at += size) total = add(bytes.subarray(at, at + size));
    return total;
  };
  const json = JSON.stringify({ a: [1, [2], {}], 'b"\\': "[{,\\", c: 'é"' });
  expect([1, 2, 7, 100].map((size) => count(json, size))).toEqual([8, 8, 8, 8]);
});

it("a slot is free again once it was given back, and giving it back twice frees one", () => {
  const take = createSlots({ max: 3, maxPerKey: 2 });
  const first = take("a");
  expect([take("a") === null, take("a"), take("b") === null, take("c")]).toEqual([false, null, false, null]);
  first?.();
  first?.();
  expect([take("c") === null, take("c")]).toEqual([false, null]);
});
