import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";
import { createSocketClient } from "../support/socket-client.ts";

const seed = "14352311879382049835";
const tagged = (value: string) => ({ $type: "INTEGER", value });
const log =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id metadata entries { key type value } } } }";

interface Logged {
  created: boolean;
  version: { id: string; metadata: unknown; entries: { key: string; type: string; value: unknown }[] };
}

describeEngines("whole numbers beyond 2^53", (engine) => {
  const api = useApi(engine);
  /** Sends JSON as it stands: JavaScript can't write these numbers. */
  const send = async (body: string) => {
    const headers = { "content-type": "application/json" };
    const response = await api.http("/graphql", { method: "POST", headers, body });
    return (await response.json()) as { data?: Record<string, unknown>; errors?: { extensions: object }[] };
  };
  const logRaw = async (input: string): Promise<Logged> => {
    const { data, errors } = await send(`{"query": ${JSON.stringify(log)}, "variables": {"input": ${input}}}`);
    if (!data) throw new Error(JSON.stringify(errors));
    return data.logVersion as Logged;
  };

  it("metadata keeps every digit of a number in a body, in the API and in documents", async () => {
    const project = freshProject();
    const metadata = `{"seed": ${seed}, "deep": [{"n": -${seed}}], "text": "${seed}", "small": 5, "exact": 9007199254740994}`;
    const { version } = await logRaw(`{"project": "${project}", "name": "m", "metadata": ${metadata}}`);
    const kept = {
      seed: tagged(seed),
      deep: [{ n: tagged(`-${seed}`) }],
      text: seed,
      small: 5,
      exact: 9007199254740994,
    };
    expect(version.metadata).toEqual(kept);
    expect(version.entries).toContainEqual({ key: "seed", type: "INTEGER", value: seed });
    const ref = encodeURIComponent(`${project}/m`);
    expect(await (await api.http(`/versions/${ref}/metadata.json`)).json()).toMatchObject({ metadata: kept });
    expect(await (await api.http(`/versions/${ref}/metadata.yaml`)).text()).toContain(`"value": "${seed}"`);
  });

  it("attributes, blocks, parameters, metrics, environment and substitutions keep every digit", async () => {
    const project = freshProject();
    const output = `{"name": "m-{seed}", "substitutions": {"seed": ${seed}}, "attributes": {"a": ${seed}},
      "dataset": {"stats": {"n": ${seed}}, "preview": [{"id": ${seed}}]}, "model": {"parameters": {"p": ${seed}}}}`;
    const step = `{"name": "s", "parameters": {"seed": ${seed}}, "metrics": {"count": ${seed}}, "environment": {"e": ${seed}}, "outputs": [${output}]}`;
    const publish = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
    const answer = await send(
      `{"query": ${JSON.stringify(publish)}, "variables": {"input": {"project": "${project}", "steps": [${step}]}}}`,
    );
    expect(answer.errors).toBeUndefined();
    const ref = encodeURIComponent(`${project}/m-${seed}`);
    const number = tagged(seed);
    expect(await (await api.http(`/versions/${ref}/metadata.json`)).json()).toMatchObject({
      attributes: { a: number },
      dataset: { stats: { n: number }, preview: [{ id: number }] },
      model: { parameters: { p: number } },
      producers: [{ parameters: { seed: number }, metrics: { count: number }, environment: { e: number } }],
    });
    const recipe = await (await api.http(`/versions/${ref}/recipe.json`)).json();
    expect(recipe).toMatchObject({ steps: [{ parameters: { seed: number }, environment: { e: number } }] });
    expect(await (await api.http(`/versions/${ref}/ro-crate-metadata.json`)).text()).toContain(`"value": "${seed}"`);
  });

  it("a logged metric keeps every digit, in its history too", async () => {
    const { run } = await api.publish({ project: freshProject(), status: "RUNNING" });
    const document =
      'mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { execution { metrics metricHistory(key: "n") { nodes { value } } } } }';
    const variables = `{"input": {"execution": "${run.id}", "metrics": [{"key": "n", "value": ${seed}}, {"key": "n", "value": 1}, {"key": "n", "value": -${seed}}]}}`;
    const { data } = await send(`{"query": ${JSON.stringify(document)}, "variables": ${variables}}`);
    const values = [tagged(seed), 1, tagged(`-${seed}`)];
    expect(data).toMatchObject({
      logMetrics: {
        execution: { metrics: { n: tagged(`-${seed}`) }, metricHistory: { nodes: values.map((value) => ({ value })) } },
      },
    });
  });

  it("a number in a document, a GET, a form or a websocket keeps every digit", async () => {
    const project = freshProject();
    const inDocument = (name: string) =>
      `mutation { logVersion(input: { project: "${project}", name: "${name}", metadata: { n: ${seed}, l: [{ m: -${seed} }], s: 7 } }) { version { metadata } } }`;
    const kept = { n: tagged(seed), l: [{ m: tagged(`-${seed}`) }], s: 7 };
    expect((await send(JSON.stringify({ query: inDocument("document") }))).data).toEqual({
      logVersion: { version: { metadata: kept } },
    });
    const form = new FormData();
    form.append("version", `{"project": "${project}", "name": "form", "metadata": {"n": ${seed}}}`);
    expect((await api.http("/versions", { method: "POST", body: form })).status).toBe(201);
    const find =
      'query ($v: JSON) { versions(filter: { metadata: [{ key: "n", eq: $v }] }, first: 5, orderBy: [{ field: NAME, direction: ASC }]) { nodes { artifact { name } } } }';
    const query = new URLSearchParams({ query: find, variables: `{"v": ${seed}}` });
    const headers = { "apollo-require-preflight": "1" };
    const found = await (await api.http(`/graphql?${query}`, { headers })).json();
    expect(JSON.stringify(found)).toContain("form");
    const off = new URLSearchParams({ query: find, variables: '{"v": 14352311879382049836}' });
    expect(JSON.stringify(await (await api.http(`/graphql?${off}`, { headers })).json())).not.toContain("form");
    const socket = await createSocketClient(`${api.url().replace("http", "ws")}/graphql`, "admin");
    const answer = await socket.ask(`{"query": ${JSON.stringify(find)}, "variables": {"v": ${seed}}}`);
    expect(answer).toContain("form");
    socket.close();
  });

  it("numbers that differ in the last digit are different content for a key and for ifChanged", async () => {
    const project = freshProject();
    const input = (n: string, more: string) =>
      `{"project": "${project}", "name": "m", "metadata": {"n": ${n}}, ${more}}`;
    const first = await logRaw(input("9007199254740992", '"key": "k"'));
    const other = await send(
      `{"query": ${JSON.stringify(log)}, "variables": {"input": ${input("9007199254740993", '"key": "k"')}}}`,
    );
    expect(other.errors?.[0]?.extensions).toMatchObject({ code: "CONFLICT" });
    const again = await logRaw(input('{"$type": "INTEGER", "value": "9007199254740992"}', '"key": "k"'));
    expect(again).toMatchObject({ created: false, version: { id: first.version.id, metadata: { n: 2 ** 53 } } });
    const created = async (n: string) => (await logRaw(input(n, '"ifChanged": true'))).created;
    expect(await created("9007199254740993")).toBe(true);
    expect(await created('{"$type": "INTEGER", "value": "9007199254740993"}')).toBe(false);
    expect(await created("9007199254740994")).toBe(true);
  });

  it("a whole number that can't be kept is refused, and never changed", async () => {
    const project = freshProject();
    const refusal = async (metadata: string) => {
      const variables = `{"input": {"project": "${project}", "name": "m", "metadata": ${metadata}}}`;
      const { errors } = await send(`{"query": ${JSON.stringify(log)}, "variables": ${variables}}`);
      return errors?.[0]?.extensions;
    };
    const invalid = (field: string) => ({ code: "INVALID_INPUT", field });
    expect(await refusal(`{"n": 1${"0".repeat(309)}}`)).toMatchObject(invalid("metadata"));
    expect(await refusal('{"n": {"$type": "INTEGER", "value": "5.5"}}')).toMatchObject(invalid("metadata.n"));
    expect(await refusal('{"n": {"$type": "INTEGER", "value": 5}}')).toMatchObject(invalid("metadata.n"));
    expect(await refusal(`{"n": {"$type": "STORAGE_SIZE", "value": ${seed}}}`)).toMatchObject(invalid("metadata.n"));
    const size = await send(
      `{"query": ${JSON.stringify(log)}, "variables": {"input": {"project": "${project}", "name": "m", "location": "s3://b/k", "size": 9007199254740993}}}`,
    );
    expect(size.errors).toHaveLength(1);
  });
});
