import { expect, it } from "vitest";
import { leak, useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

function depth(levels: number) {
  const pairs = (levels - 3 - 1) / 2;
  return `{ versions(filter: { project: { eq: "none" } }) { nodes { artifact { ${"latest { artifact { ".repeat(pairs)} id ${"} }".repeat(pairs)} } } } }`;
}
const bomb = `{ ...f0 } ${Array.from({ length: 13 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(" ")} fragment f13 on Query { __typename }`;

const pages = ["runs", "children", "children", "children"];
/** Runs, their children and so on, in pages of these sizes; "" means the default size. */
function nested(...sizes: (number | string)[]): string {
  return `{ ${sizes.map((size, i) => `${pages[i]}${size === "" ? "" : `(first: ${size})`} { nodes { id `).join("")}${" } }".repeat(sizes.length)} }`;
}
const spread =
  "{ runs(first: 500) { ...f } } fragment f on RunConnection { nodes { children(first: 500) { ...g } } } fragment g on RunConnection { nodes { steps(first: 500) { nodes { id } } } }";

/** GraphQL over HTTP: methods, bodies, and limits of documents. */
describeEngines("GraphQL over HTTP", (engine) => {
  const api = useApi(engine);
  const json = { "content-type": "application/json" };
  const post = async (body: string) => {
    const response = await api.http("/graphql", { method: "POST", body, headers: json });
    return {
      status: response.status,
      body: (await response.json()) as { code?: string; errors?: { extensions: Record<string, unknown> }[] },
    };
  };
  const codeOf = async (body: string) => {
    const { status, body: answer } = await post(body);
    expect(JSON.stringify(answer)).not.toMatch(leak);
    return { status, ...(answer.errors?.[0]?.extensions ?? { code: answer.code }) };
  };

  it("GET answers queries with variables and an operation name, and refuses mutations", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "a" });
    const ask = (query: string, variables: object, operationName = "") =>
      api.http(
        `/graphql?${new URLSearchParams({ query, variables: JSON.stringify(variables), ...(operationName && { operationName }) })}`,
      );
    const query = "query A { __typename } query B($ref: VersionRef!) { version(ref: $ref) { id } }";
    const response = await ask(query, { ref: version.uri }, "B");
    expect([response.status, await response.json()]).toEqual([200, { data: { version: { id: version.id } } }]);
    const mutation = `mutation ($project: String!) { logVersion(input: { project: $project, name: "a" }) { created } }`;
    expect((await ask(mutation, { project })).status).toBe(405);
    expect(await api.version(`${project}/a`)).toMatchObject({ number: 1 });
  });

  it.each(["", "{", "no json", "[1", `"text"`, "null", "5"])("POST /graphql refuses the body %j", async (body) => {
    const { status, code } = (await codeOf(body)) as { status: number; code: unknown };
    expect(status).toBe(400);
    expect(code).toMatch(/^(INVALID_INPUT|BAD_REQUEST)$/);
  });

  it.each([
    ["too long", `{ ${"a".repeat(100_001)} }`, 100_000],
    ["too deep", depth(32), 30],
    ["of too many fields", `{ ${Array.from({ length: 5_001 }, (_, i) => `f${i}: __typename`).join(" ")} }`, 5_000],
    ["of fragments that double", bomb, 5_000],
    ["of pages within pages", nested(500, 500, 500), 1_000_000],
    ["of pages within pages of a fragment", spread, 1_000_000],
    ["of usual pages, four deep", nested("", "", "", ""), 1_000_000],
    [
      "of pages of a lineage",
      `{ lineage(of: ["a/b"], limit: 10000) { nodes { node { ... on Version { producers(first: 500) { nodes { slot } } } } } } }`,
      1_000_000,
    ],
  ])("a document that is %s is TOO_COMPLEX, over HTTP and over a websocket", async (_name, query, limit) => {
    const refused = { code: "TOO_COMPLEX", limit, actual: expect.any(Number) };
    const answer = await codeOf(JSON.stringify({ query }));
    expect(answer).toMatchObject(refused);
    expect(answer.status).toBeLessThan(500);
    const events = api.raw(query);
    await expect(events.next()).rejects.toMatchObject([{ extensions: refused }]);
    await events.return?.(undefined);
  });

  it("syntax and validation errors keep the standard GraphQL codes", async () => {
    expect(await codeOf(JSON.stringify({ query: "{ versions {" }))).toMatchObject({ code: "GRAPHQL_PARSE_FAILED" });
    expect(await codeOf(JSON.stringify({ query: "{ nothing }" }))).toMatchObject({
      code: "GRAPHQL_VALIDATION_FAILED",
    });
    const cycle = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
    expect(await codeOf(JSON.stringify({ query: cycle }))).toMatchObject({ code: "GRAPHQL_VALIDATION_FAILED" });
    expect(
      await codeOf(JSON.stringify({ query: "query ($ref: VersionRef!) { version(ref: $ref) { id } }" })),
    ).toMatchObject({ code: "BAD_USER_INPUT" });
  });

  it("the cost of a page follows its variable, and the variable's default", async () => {
    const query = `query ($n: Int = 500) ${nested("$n", "$n", "$n")}`;
    const refused = { code: "TOO_COMPLEX", limit: 1_000_000, actual: 125_250_500 };
    expect(await codeOf(JSON.stringify({ query }))).toMatchObject(refused);
    expect(await codeOf(JSON.stringify({ query, variables: { n: 500 } }))).toMatchObject(refused);
    expect((await post(JSON.stringify({ query, variables: { n: 50 } }))).body.errors).toBeUndefined();
    // A page beyond its maximum is refused by the field itself.
    expect(await codeOf(JSON.stringify({ query: "{ versions(first: 2000000000) { nodes { id } } }" }))).toMatchObject({
      code: "INVALID_INPUT",
      field: "first",
    });
  });

  const repeat = (count: number, text: string) =>
    `{ ${Array.from({ length: count }, (_, i) => `a${i}: ${text}`).join(" ")} }`;
  it.each([
    ["impact", repeat(11, `impact(of: "a/b") { versions }`)],
    ["staleness", repeat(11, `staleness(of: "a/b") { stale }`)],
    ["recipe", repeat(101, `recipe(of: "a/b") { complete }`)],
    ["paths", repeat(51, `paths(from: "a/b", to: "a/c") { complete }`)],
    ["the lineage of diff", repeat(25, `diff(left: "a/b", right: "a/c") { lineage { left { id } } }`)],
    ["lineage", repeat(1_001, `lineage(of: ["a/b"], limit: 1) { truncated }`)],
    ["compareVersions", repeat(1_001, `compareVersions(of: ["a/b"]) { metadata { key } }`)],
    ["compareRuns", repeat(1_001, `compareRuns(of: ["a"]) { metadata { key } }`)],
    ["a filter", repeat(200, `versions(first: 1, filter: { artifact: { eq: "a" } }) { nodes { id } }`)],
    ["the filter stale", repeat(10, "versions(first: 1, filter: { stale: true }) { nodes { id } }")],
    ["totalCount", repeat(201, "versions { totalCount }")],
    ["totalCount in a fragment", `${repeat(201, "versions { ...c }")} fragment c on VersionConnection { totalCount }`],
  ])("a document that repeats %s costs what it may read", async (_name, query) => {
    expect(await codeOf(JSON.stringify({ query }))).toMatchObject({ code: "TOO_COMPLEX", limit: 1_000_000 });
  });

  it("the filter stale costs what it may read when it comes in a variable", async () => {
    const query = `query ($filter: VersionFilter) ${repeat(10, "versions(first: 1, filter: $filter) { nodes { id } }")}`;
    const variables = { filter: { stale: true, project: { eq: "none" } } };
    expect(await codeOf(JSON.stringify({ query, variables }))).toMatchObject({ code: "TOO_COMPLEX" });
    expect((await post(JSON.stringify({ query, variables: {} }))).body.errors).toBeUndefined();
  });

  it("a page of which only the number of items is requested does not count as a full page", async () => {
    const ask = (selection: string) =>
      `{ artifacts(first: 500) { nodes { versions(first: 500) { ${selection} } aliases: versions { totalCount } } } }`;
    expect((await post(JSON.stringify({ query: ask("totalCount __typename") }))).body.errors).toBeUndefined();
    expect((await post(JSON.stringify({ query: ask("totalCount") }))).body.errors).toBeUndefined();
    const twice =
      "{ artifacts(first: 500) { nodes { a: versions(first: 500) { ...t } b: versions(first: 500) { ...t } c: versions(first: 500) { ...t } d: versions(first: 500) { ...t } e: versions(first: 500) { ...t } } } }";
    const counted = `${twice} fragment t on VersionConnection { totalCount }`;
    const shown = `${twice} fragment t on VersionConnection { totalCount pageInfo { hasNextPage } }`;
    expect((await post(JSON.stringify({ query: counted }))).body.errors).toBeUndefined();
    expect(await codeOf(JSON.stringify({ query: shown }))).toMatchObject({ code: "TOO_COMPLEX" });
  });

  it("documents just within the limits are answered", async () => {
    expect((await post(JSON.stringify({ query: depth(30) }))).body.errors).toBeUndefined();
    const many = Array.from({ length: 5_000 }, (_, i) => `f${i}: __typename`).join(" ");
    expect((await post(JSON.stringify({ query: `{ ${many} }` }))).body.errors).toBeUndefined();
  });
});
