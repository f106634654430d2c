import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { strayDigest, useApi } from "../support/api.ts";
import { logVersion, publishRun } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";
import { cases, invalid, location, nested, notFound, ofBytes, tooLarge } from "./version-cases.ts";

describeEngines("refused versions", (engine) => {
  const api = useApi(engine);
  const project = freshProject();
  const state = { digest: "", run: "", step: "" };
  let stored: unknown;
  /** Expects the project to be unchanged since the last call. */
  const nothingStored = async () => {
    const before = stored;
    stored = await api.inventory(project);
    expect(stored).toEqual(before);
  };

  // A failed test must not make the following ones fail too.
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") stored = await api.inventory(project);
  });

  beforeAll(async () => {
    state.digest = await api.put(project, "bytes");
    await api.log({ project, name: "there", versionName: "taken", aliases: ["moving"] });
    const { run } = await api.publish({ project, status: "RUNNING", steps: [{ name: "s", status: "RUNNING" }] });
    Object.assign(state, { run: run.id, step: run.steps.nodes[0]?.id });
    stored = await api.inventory(project);
  });

  /** The same cases, because `digest` is known only when the tests run. */
  const names = cases(strayDigest.replace(/0/g, "a")).map(([name], i) => [name, i] as const);
  const prefixed = (refused: Record<string, unknown>, prefix: string) =>
    typeof refused.field === "string" ? { ...refused, field: `${prefix}${refused.field}` } : refused;

  describe("logVersion and publishRun", () => {
    it.each(names)(
      "a version is refused by logVersion and by publishRun, and nothing is stored: %s",
      async (_name, i) => {
        const [, wrong, refused] = cases(state.digest)[i] ?? ["", {}, {}];
        const input = { name: "there", ...wrong };
        expect(await api.refusal(logVersion, { input: { project, ...input } })).toMatchObject(refused);
        const steps = [
          { name: "first", outputs: [{ name: "fine" }] },
          { name: "second", outputs: [{ name: "fine too" }, input] },
        ];
        expect(await api.refusal(publishRun, { input: { project, steps } })).toMatchObject(
          prefixed(refused, "steps[1].outputs[1]."),
        );
        await nothingStored();
      },
    );
  });

  describe("logVersion", () => {
    it.each<[string, () => object, object]>([
      ["no name", () => ({ name: null }), invalid("name")],
      ["an unknown input", () => ({ inputs: [`${project}/there`, `${project}/none`] }), notFound],
      ["a malformed input", () => ({ inputs: [`${project}/there`, "x"] }), invalid("inputs[1]")],
      ["an input by a digest of nothing", () => ({ inputs: [strayDigest] }), notFound],
      ["a producer that is nothing", () => ({ producer: { slot: "s" } }), invalid("producer")],
      ["a producer that is two", () => ({ producer: { run: state.run, step: state.step } }), invalid("producer")],
      ["an unknown run", () => ({ producer: { run: "00000000-0000-0000-0000-000000000000" } }), notFound],
      ["an unknown step", () => ({ producer: { step: "nothing" } }), notFound],
      ["a step for a run", () => ({ producer: { run: state.step } }), notFound],
      ["a run for a step", () => ({ producer: { step: state.run } }), notFound],
      ...["", "-a", ".a", "a b", "a/b", "ä", "x".repeat(129)].map((name): [string, () => object, object] => [
        `the project ${name}`,
        () => ({ project: name }),
        invalid("project"),
      ]),
      ["a size of 2^53", () => ({ location, size: 2 ** 53 }), { code: "BAD_USER_INPUT" }],
      ["a size of half a byte", () => ({ location, size: 1.5 }), { code: "BAD_USER_INPUT" }],
      ["an iteration of 2^31", () => ({ iteration: 2 ** 31 }), { code: "BAD_USER_INPUT" }],
      ["an unknown kind", () => ({ kind: "TOY" }), { code: "BAD_USER_INPUT" }],
      ["an unknown field", () => ({ colour: "red" }), { code: "BAD_USER_INPUT" }],
    ])("logVersion refuses and stores nothing: %s", async (_name, wrong, refused) => {
      expect(await api.refusal(logVersion, { input: { project, name: "there", ...wrong() } })).toMatchObject(refused);
      await nothingStored();
    });

    it.each([
      [
        "a number that JSON can write and nobody can hold",
        `{"n": 1e400}`,
        { code: "INVALID_INPUT", field: expect.stringMatching(/^metadata/) },
      ],
      ["metadata of 40 levels", `${'{"a":'.repeat(40)}1${"}".repeat(40)}`, tooLarge(32)],
      ["metadata of 20,000 levels", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`, { code: "TOO_COMPLEX" }],
      ["metadata of 20,000 lists", `{"a": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`, { code: "TOO_COMPLEX" }],
    ])("logVersion refuses raw JSON and stores nothing: %s", async (_name, metadata, extensions) => {
      const body = JSON.stringify({ query: logVersion, variables: { input: { project, name: "there", metadata: 0 } } });
      const headers = { "content-type": "application/json" };
      const raw = body.replace('"metadata":0', `"metadata":${metadata}`);
      const response = await api.http("/graphql", { method: "POST", body: raw, headers });
      expect(await response.json()).toMatchObject({ errors: [{ extensions }] });
      await nothingStored();
    });
  });

  it("a refused call creates neither its project nor its artifact", async () => {
    const fresh = freshProject();
    expect(
      await api.refusal(logVersion, { input: { project: fresh, name: "a", inputs: [`${project}/none`] } }),
    ).toMatchObject(notFound);
    expect(
      await api.refusal(publishRun, {
        input: {
          project: fresh,
          outputs: [{ name: "a" }, { name: "b", versionName: "x" }, { name: "b", versionName: "x" }],
        },
      }),
    ).toMatchObject({ code: "INVALID_INPUT" });
    expect(await api.inventory(fresh)).toMatchObject({
      project: null,
      versions: { totalCount: 0 },
      artifacts: { totalCount: 0 },
      runs: { totalCount: 0 },
    });
    const { version } = await api.log({ project: fresh, name: "a" });
    expect(version.number).toBe(1);
  });

  it("versions just within the limits are accepted", async () => {
    const fresh = freshProject();
    const digest = await api.put(fresh, "bytes");
    const path = `${"é".repeat(500)}/${"x".repeat(23)}`;
    const name = "\u{1F600}".repeat(255);
    const { version } = await api.log({
      project: fresh,
      name,
      metadata: ofBytes(262_144),
      files: [{ path, digest }],
      versionName: "x".repeat(128),
    });
    expect(await api.version(version.uri)).toMatchObject({ files: [{ path }], artifact: { name } });
    await api.log({
      project: fresh,
      name: "deep",
      metadata: nested(32),
      dataset: { preview: Array.from({ length: 20 }, () => Array.from({ length: 100 }, () => 1)) },
    });
    expect(await api.version(`${fresh}/deep`)).toMatchObject({ metadata: nested(32) });
  });
});
