import { expect, it } from "vitest";
import { parse } from "yaml";
import { stagingOf } from "../promotion/calls.ts";
import { callsOf, onEngines, publishRun, tokensByRole } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

const metadata = {
  yes: "yes",
  number: "5",
  null: "null",
  date: "2026-01-31",
  octal: "0o17",
  no: "12:30:45",
  "<<": "1_000\u0085",
  "a.b": { "c: d": ["- x", "# no comment", "", " padded ", "multi\nline\n", "tab\t", "'\"\\"] },
  long: "word ".repeat(60),
  script: "文字 größe Счёт \u{1F600} \u2028",
  float: 0.1,
  big: 2 ** 53 - 1,
  tiny: 1e-300,
  nan: { $type: "FLOAT", value: "NaN" },
  uri: { $type: "URI", value: "s3://b/k" },
  empty: {},
  none: null,
  list: [[], [1, [true, null]]],
};

onEngines("version documents", (service) => {
  const read = async (ref: string, ending: "json" | "yaml") => {
    const response = await fetch(`${service().url}/versions/${encodeURIComponent(ref)}/metadata.${ending}`);
    const text = await response.text();
    return { status: response.status, type: response.headers.get("content-type"), text };
  };
  const both = async (ref: string): Promise<Record<string, unknown>> => {
    const [json, yaml] = [await read(ref, "json"), await read(ref, "yaml")];
    expect([json.status, yaml.status]).toEqual([200, 200]);
    expect([json.type, yaml.type]).toEqual([expect.stringContaining("json"), expect.stringContaining("yaml")]);
    const document = JSON.parse(json.text) as Record<string, unknown>;
    for (const version of ["1.1", "1.2"] as const) expect(parse(yaml.text, { version })).toEqual(document);
    return document;
  };

  it("a version document holds fields, contents and origin, the same as JSON and as YAML", async () => {
    const project = freshProject();
    const chart = await callsOf(service()).log({ project, name: "chart" });
    const digest = await service().put(project, "content");
    const code = { repository: "https://example.com/r.git", commit: "abc", entryPoint: "train.py:main" };
    const environment = { python: "3.12", packages: { numpy: "2.0" } };
    const step = {
      ...{ name: "train", parameters: { rate: 0.1 }, metrics: { auc: 0.9 }, code, environment },
      startedAt: "2026-01-31T12:00:00.000Z",
      endedAt: "2026-01-31T12:00:01.000Z",
      outputs: [
        {
          ...{
            slot: "model",
            role: "best",
            name: "größe/m::x",
            versionName: "12_3",
            description: "Ein\nModell: gut",
            metadata,
            iteration: 3,
          },
          ...{ tags: ["b", "a"], labels: [{ key: "team", value: "x: y" }], aliases: ["champion"], kind: "MODEL" },
          files: [
            { path: "a/b.bin", digest },
            { path: "c", digest },
          ],
          attributes: { any: [1] },
          dataset: {
            columns: [{ name: "id", type: "int" }],
            rows: 7,
            features: ["id"],
            preview: [{ id: 1 }],
            stats: { id: { mean: 1 } },
          },
          model: {
            framework: "sklearn",
            metrics: { f1: 0.5 },
            inputs: [{ name: "x", type: "float" }],
            requirements: ["a==1"],
          },
          links: [{ rel: "chart", version: chart.id }],
        },
      ],
    };
    const input = { project, pipeline: "nightly", name: "run 1", steps: [step] };
    const made = await service().data<{
      publishRun: {
        run: { id: string; steps: { nodes: { id: string; outputs: { nodes: { version: { id: string } }[] } }[] } };
      };
    }>(publishRun, { input });
    const { id: run, steps } = made.publishRun.run;
    const id = steps.nodes[0]?.outputs.nodes[0]?.version.id ?? "";
    await stagingOf(service()).promote(id, "staging");
    const document = await both(id);
    const seen = await callsOf(service()).version(id);
    const { uri, number, size, createdAt, updatedAt } = seen;
    expect(document).toMatchObject({
      ...{
        id,
        uri,
        number,
        size,
        createdAt,
        updatedAt,
        digest: seen.digest,
        project,
        name: "größe/m::x",
        kind: "MODEL",
        state: "READY",
      },
      ...{
        versionName: "12_3",
        description: "Ein\nModell: gut",
        author: "local",
        iteration: 3,
        metadata,
        attributes: { any: [1] },
      },
      ...{
        tags: ["a", "b"],
        labels: { team: "x: y" },
        aliases: ["champion"],
        stage: "staging",
        links: [{ rel: "chart", version: chart.uri }],
      },
      files: [
        { path: "a/b.bin", digest, size: 7 },
        { path: "c", digest, size: 7 },
      ],
      dataset: {
        columns: [{ name: "id", type: "int" }],
        rows: 7,
        features: ["id"],
        preview: [{ id: 1 }],
        stats: { id: { mean: 1 } },
      },
      model: {
        framework: "sklearn",
        metrics: { f1: 0.5 },
        inputs: [{ name: "x", type: "float" }],
        requirements: ["a==1"],
      },
      producers: [
        {
          ...{
            id: steps.nodes[0]?.id,
            type: "Step",
            name: "train",
            run,
            runName: "run 1",
            pipeline: "nightly",
            slot: "model",
            role: "best",
          },
          ...{ parameters: { rate: 0.1 }, metrics: { auc: 0.9 }, code, environment, status: "COMPLETED" },
          ...{ startedAt: step.startedAt, endedAt: step.endedAt },
        },
      ],
    });
    expect(await both(`${project}/größe/m::x:champion`)).toEqual(document);
  });

  it("a version document has every member for a bare version, and the state of a deleted one", async () => {
    const project = freshProject();
    const calls = callsOf(service());
    const { id } = await calls.log({ project, name: "m" });
    const bare = await both(id);
    const lists = { tags: [], labels: {}, aliases: [], files: [], links: [], producers: [], metadata: {} };
    const nulls = [
      "stage",
      "versionName",
      "description",
      "iteration",
      "size",
      "digest",
      "location",
      "etag",
      "attributes",
      "dataset",
      "model",
    ];
    expect(bare).toMatchObject({ ...lists, ...Object.fromEntries(nulls.map((name) => [name, null])) });
    await calls.remove(id);
    expect(await both(id)).toMatchObject({ id, state: "DELETED", number: 1 });
    const linked = await calls.log({ project, name: "m", location: "s3://b/k", size: 5, etag: "e" });
    expect(await both(linked.id)).toMatchObject({ location: "s3://b/k", size: 5, etag: "e" });
  });

  it("a version document is NOT_FOUND for an unknown version and INVALID_INPUT for a malformed reference", async () => {
    for (const ending of ["json", "yaml"] as const) {
      const none = await read(`${freshProject()}/m`, ending);
      expect([none.status, JSON.parse(none.text)]).toMatchObject([404, { code: "NOT_FOUND" }]);
      const wrong = await read("a/b:", ending);
      expect([wrong.status, JSON.parse(wrong.text)]).toMatchObject([400, { code: "INVALID_INPUT" }]);
    }
  });
});

onEngines(
  "permission to read documents",
  (service) => {
    it("a version document requires the role viewer", async () => {
      const { id } = await callsOf(service()).log({ project: freshProject(), name: "m" }, "contributor");
      const url = `${service().url}/versions/${id}/metadata.yaml`;
      expect((await fetch(url)).status).toBe(401);
      expect((await fetch(url, { headers: { authorization: "Bearer viewer" } })).status).toBe(200);
    });
  },
  tokensByRole(),
);
