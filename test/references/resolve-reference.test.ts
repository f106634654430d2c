import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { type VersionAnswer, version as versionQuery } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const oddNames = [
  "a b",
  "train/2024",
  "x:y",
  "x@y",
  "x#y",
  "100%",
  "日本語",
  "p::s::output",
  "it's (new)!*~",
  "a?b&c=d+e",
  "::a",
  "a:::b",
  "%2F",
  "\u{1F600}/é",
];
const printed: Record<string, string> = {
  "a b": "a%20b",
  "train/2024": "train/2024",
  "x:y": "x%3Ay",
  "x@y": "x%40y",
  "x#y": "x%23y",
  "100%": "100%25",
  日本語: "%E6%97%A5%E6%9C%AC%E8%AA%9E",
  "p::s::output": "p::s::output",
  "it's (new)!*~": "it%27s%20%28new%29%21%2A~",
  "%2F": "%252F",
};

describeEngines("references", (engine) => {
  const api = useApi(engine);
  const ask = "query ($ref: VersionRef!) { version(ref: $ref) { id } }";
  const found = async (ref: string) => (await api.data<{ version: { id: string } }>(ask, { ref })).version.id;
  const refusal = (ref: string) => api.refusal(ask, { ref });

  it("a version is found by every form of reference", async () => {
    const project = freshProject();
    const digest = await api.put(project, project);
    const files = [{ path: "f", digest }];
    const run = await api.publish({
      project,
      steps: [{ name: "s", outputs: [{ name: "m", kind: "MODEL", versionName: "v1.0", aliases: ["best"], files }] }],
    });
    const { id } = await api.version(`${project}/m`);
    const { version: second } = await api.log({ project, name: "m" });
    const runId = run.run.id;
    const forms = [id, id.slice(0, 8), id.slice(0, 13), digest];
    for (const kind of ["store://model/", "store://models/", ""]) {
      for (const selector of [
        ":1",
        ":v1.0",
        ":best",
        `:1@${runId}`,
        `:best@${runId}`,
        `:latest@${runId}`,
        `@${runId}`,
      ]) {
        forms.push(`${kind}${project}/m${selector}`);
      }
    }
    for (const form of forms) expect([form, await found(form)]).toEqual([form, id]);
    for (const form of [`${project}/m`, `${project}/m:latest`, `${project}/m:2`, second.uri]) {
      expect([form, await found(form)]).toEqual([form, second.id]);
    }
    for (const form of [`${project}/m:2@${runId}`, `${project}/m:3`, `${project}/m:worst`, `${project}/n`]) {
      expect([form, (await refusal(form)).code]).toEqual([form, "NOT_FOUND"]);
    }
  });

  it("a selector means a number, latest, a version name or an alias, in this order", async () => {
    const project = freshProject();
    const { version: first } = await api.log({ project, name: "a", versionName: "1.0", aliases: ["v2"] });
    const { version: second } = await api.log({ project, name: "a", versionName: "v3" });
    expect(await found(`${project}/a:1`)).toBe(first.id);
    expect(await found(`${project}/a:1.0`)).toBe(first.id);
    expect(await found(`${project}/a:v2`)).toBe(first.id);
    expect(await found(`${project}/a:v3`)).toBe(second.id);
    expect(await found(`${project}/a:2`)).toBe(second.id);
  });

  it("plural and two-word kinds are understood, and a wrong kind is refused", async () => {
    const project = freshProject();
    const plurals = {
      models: "MODEL",
      datasets: "DATASET",
      artifacts: "ARTIFACT",
      "feature-sets": "FEATURE_SET",
      "feature-vectors": "FEATURE_VECTOR",
    };
    for (const [plural, kind] of Object.entries(plurals)) {
      const { version } = await api.log({ project, name: plural, kind });
      expect(await found(`store://${plural}/${project}/${plural}`)).toBe(version.id);
      expect(await found(version.uri)).toBe(version.id);
      const other = kind === "MODEL" ? "dataset" : "model";
      expect(await refusal(`store://${other}/${project}/${plural}`)).toMatchObject({ code: "NOT_FOUND" });
    }
    expect(await refusal(`store://nonsense/${project}/models`)).toMatchObject({ code: "INVALID_INPUT", field: "ref" });
  });

  describe("printed names", () => {
    it.each(oddNames)("a version with the name %s is found by its printed reference", async (name) => {
      const project = freshProject();
      const { version } = await api.log({ project, name, kind: "TABLE" });
      expect(version.uri).toMatch(/^store:\/\/[A-Za-z0-9._~/:%-]+:1$/);
      if (printed[name]) expect(version.uri).toBe(`store://table/${project}/${printed[name]}:1`);
      expect(await found(version.uri)).toBe(version.id);
      expect(await found(version.uri.slice("store://table/".length))).toBe(version.id);
      expect(await found(version.uri.slice(0, -2))).toBe(version.id);
      expect(await api.version(version.id)).toMatchObject({ artifact: { name, project: { name: project } } });
    });
  });

  it("characters that the grammar does not need are taken literally", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "日本 語#1" });
    expect(await found(`${project}/日本 語#1:1`)).toBe(version.id);
  });

  it("a reference to several versions is AMBIGUOUS and lists the candidates", async () => {
    const project = freshProject();
    api.ids.prefix = freshProject().slice(2);
    const prefix = api.ids.prefix;
    const digest = await api.put(project, "twice");
    const logged: VersionAnswer[] = [];
    for (const name of ["a", "b"])
      logged.push((await api.log({ project, name, files: [{ path: "f", digest }] })).version);
    api.ids.prefix = "";
    for (const ref of [prefix, prefix.slice(0, 6)]) {
      const refused = await refusal(ref);
      expect(refused).toMatchObject({ code: "AMBIGUOUS", candidates: expect.any(Array) });
      for (const { id, uri } of logged)
        expect(refused.message + String(refused.candidates)).toMatch(new RegExp(`${id}|${uri}`));
    }
    const scoped = await refusal(createHashOf("twice"));
    expect(scoped.code).toBe("AMBIGUOUS");
    expect(await found(logged[0]?.id ?? "")).toBe(logged[0]?.id);
  });

  it("a digest skips deleted versions, which are still found by id and number", async () => {
    const project = freshProject();
    const digest = await api.put(project, project);
    const files = [{ path: "f", digest }];
    const { version: kept } = await api.log({ project, name: "kept", files });
    const { version: gone } = await api.log({ project, name: "gone", files, versionName: "named", aliases: ["alias"] });
    await api.meddle(`MATCH (v:Version {id: $id}) SET v.state = 'DELETED'`, { id: gone.id });
    expect(await found(digest)).toBe(kept.id);
    expect(await api.version(gone.id)).toMatchObject({ state: "DELETED", isLatest: false });
    expect(await found(`${project}/gone:1`)).toBe(gone.id);
    for (const selector of ["", ":latest", ":named", ":alias"]) {
      expect([selector, (await refusal(`${project}/gone${selector}`)).code]).toEqual([selector, "NOT_FOUND"]);
    }
  });

  describe("malformed references", () => {
    const project = freshProject();
    it.each([
      "",
      "abc",
      "sha256:abc",
      `sha256:${"A".repeat(64)}`,
      "a b c d e f",
      "store://",
      "store://model",
      "store://model/",
      `store://model/${project}`,
      `${project}/`,
      `/${project}`,
      `${project}/a:`,
      `${project}/a@`,
      `${project}/a:1@`,
      `${project}/a:1:2`,
      `${project}/a@1@2`,
      `${project}/%`,
      `${project}/%FF`,
      `${project}/${"x".repeat(5_000)}`,
    ])("the reference %j is INVALID_INPUT", async (ref) => {
      expect(await refusal(ref)).toMatchObject({ code: "INVALID_INPUT", field: "ref" });
    });
  });

  it("a field with a failing reference is null with an error, and its siblings are answered", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "a" });
    const two =
      "query ($good: VersionRef!, $bad: VersionRef!) { good: version(ref: $good) { id } bad: version(ref: $bad) { id } lineage(of: [$bad]) { truncated } }";
    const answer = await api.ask(two, { good: version.id, bad: `${project}/nothing-here` });
    expect(answer.data).toMatchObject({ good: { id: version.id }, bad: null, lineage: null });
    expect(answer.errors?.map(({ extensions, path }) => [extensions.code, path?.[0]]).sort()).toEqual([
      ["NOT_FOUND", "bad"],
      ["NOT_FOUND", "lineage"],
    ]);
    expect(answer.errors?.[0]?.message).toContain(`${project}/nothing-here`);
  });

  it("a reference in a document may be any string, and nothing but a string", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "a" });
    expect(await api.data(`{ version(ref: "${project}/a") { id } }`)).toEqual({ version: { id: version.id } });
    expect((await api.refusal("{ version(ref: 5) { id } }")).code).toBe("GRAPHQL_VALIDATION_FAILED");
    expect((await api.refusal(versionQuery, { ref: 5 })).code).toBe("BAD_USER_INPUT");
  });
});

function createHashOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
