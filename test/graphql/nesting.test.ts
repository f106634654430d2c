import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { countNesting } from "../../src/lib/nesting.ts";
import { engines, startTestService, type TestService } from "../support/service.ts";

const levels = 20_000;
const wrap = (open: string, inner: string, close: string, count = levels) =>
  open.repeat(count) + inner + close.repeat(count);
const chain = Array.from({ length: 2_500 }, (_, i) => `fragment f${i} on Query{...f${i + 1}}`).join(" ");

/** Requests as JSON text, because `JSON.stringify` can't write them: the document, and its variables. */
const documents: [name: string, query: string, variables: string][] = [
  ["fields", wrap("{a", "", "}"), "{}"],
  ["literal lists", `{ versions(filter: ${wrap("[", "", "]")}) { totalCount } }`, "{}"],
  ["literal objects", `{ versions(filter: { not: ${wrap("{not:", "{}", "}", 9_000)} }) { totalCount } }`, "{}"],
  ["types", `query ($a: ${wrap("[", "Int", "]")}) { __typename }`, "{}"],
  ["brackets behind texts with brackets", `{ a(b: "}}}") ${wrap('{a(b:"}")', "", "}", 8_000)} }`, "{}"],
  ["fragments", `{ ...f0 } ${chain} fragment f2500 on Query{__typename}`, "{}"],
];
const filter = "query ($filter: VersionFilter) { versions(filter: $filter) { totalCount } }";
const json = `mutation ($json: JSON) { logVersion(input: { project: "p", name: "m", metadata: $json }) { created } }`;
const variables: [name: string, query: string, variables: string][] = [
  ["filters in variables", filter, `{"filter":${wrap('{"not":', "{}", "}")}}`],
  ["JSON in variables", json, `{"json":${wrap('{"a":', "1", "}")}}`],
  ["lists in variables", json, `{"json":${wrap("[", "1", "]")}}`],
  ["variables that no operation has", "{ __typename }", `{"a":${wrap("[", "1", "]")}}`],
];
const all = [...documents, ...variables];

/** The depth of what a client sends is bounded before recursive code sees it. */
describe("deep nesting", () => {
  const [embedded] = engines;
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(embedded);
  });
  afterAll(() => service?.close());

  const post = async (body: string, accept: string) => {
    const headers = { "content-type": "application/json", accept };
    return fetch(`${service.url}/graphql`, { method: "POST", body, headers });
  };
  const toBody = (query: string, given: string) => `{"query":${JSON.stringify(query)},"variables":${given}}`;
  const refused = { code: "TOO_COMPLEX", limit: expect.any(Number), actual: expect.any(Number) };

  it.each(all)("%s that are nested thousands deep are TOO_COMPLEX over HTTP", async (_name, query, given) => {
    const response = await post(toBody(query, given), "application/json");
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ extensions: refused }] }]);
  });

  it.each(all)("%s that are nested thousands deep are TOO_COMPLEX in an event stream", async (_name, query, given) => {
    const response = await post(toBody(query, given), "text/event-stream");
    const [, data = ""] = /data: (.*)/.exec(await response.text()) ?? [];
    expect(JSON.parse(data)).toMatchObject({ errors: [{ extensions: refused }] });
  });

  it.each(all)("%s that are nested thousands deep are TOO_COMPLEX over a websocket", async (_name, query, given) => {
    const socket = await connect();
    socket.send(`{"id":"1","type":"subscribe","payload":${toBody(query, given)}}`);
    const [error] = await once(socket, "message");
    expect(JSON.parse(String(error))).toMatchObject({ id: "1", type: "error", payload: [{ extensions: refused }] });
    socket.close();
  });

  it("variables in the query of a GET that are nested thousands deep are TOO_COMPLEX", async () => {
    const search = `query=${encodeURIComponent(json)}&variables=${wrap("[", "", "]", 5_000)}`;
    const sent = request(`${service.url}/graphql?${search}`).end();
    const [response] = await once(sent, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: refused }] });
  });

  it("a ping whose payload is nested thousands deep is answered, and the connection stays", async () => {
    const socket = await connect();
    socket.send(`{"type":"ping","payload":{"a":${wrap("[", "", "]")}}}`);
    socket.send(`{"type":"ping","payload":{"a":[1]}}`);
    const answers: unknown[] = [];
    while (answers.length < 2) answers.push(JSON.parse(String((await once(socket, "message"))[0])));
    expect(answers).toEqual([{ type: "pong" }, { type: "pong", payload: { a: [1] } }]);
    socket.close();
  });

  it("metadata beyond 32 levels keeps its own error", async () => {
    const given = `{"json":${wrap('{"a":', "1", "}", 60)}}`;
    const response = await post(toBody(json, given), "application/json");
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "TOO_LARGE", limit: 32 } }] });
  });

  it("nesting is counted through lists and objects, up to one more than the limit", () => {
    expect([1, [], [[]], { a: [{}] }, [1, [2, [3]]]].map((value) => countNesting(value, 2))).toEqual([0, 1, 2, 3, 3]);
  });

  async function connect(): Promise<WebSocket> {
    const socket = new WebSocket(`${service.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(`{"type":"connection_init"}`);
    await once(socket, "message");
    return socket;
  }
});
