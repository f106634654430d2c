import { expect, it } from "vitest";
import { callsOf, deleteVersion, onEngines, publishRun, tokensByRole, update } from "../support/calls.ts";
import { freshProject, type TestService } from "../support/service.ts";
import { staging, stagingOf } from "./calls.ts";

interface Approved {
  approvals: { stage: string; actor: string; role: string; comment: string | null; at: string }[];
}

const approve = `mutation ($input: ApproveInput!) { approve(input: $input) { version {
  approvals { stage actor role comment at } } } }`;
const approvals = "query ($ref: VersionRef!) { version(ref: $ref) { approvals { stage actor role comment at } } }";
const rules = "query ($project: String!) { stages(project: $project) { name gates { name rule } } }";
const recordLineage = "mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";

async function gated(service: TestService, gates: object[], token?: string, more: object = {}) {
  const calls = callsOf(service);
  const project = freshProject();
  const log = (metadata: object = {}, by = token) => calls.log({ project, name: "m", metadata }, by);
  await log();
  const on = stagingOf(service, token);
  await on.define(project, "production", { gates, ...more });
  const dry = async (version: string, force?: boolean) =>
    (await on.promote(version, "production", { dryRun: true, ...(force && { force }) })).gates;
  const passes = async (version: string) => (await dry(version)).map(({ passed }) => passed);
  const refused = (version: string, by = token) =>
    service.refusal(staging.promote, { input: { version, stage: "production" } }, by);
  return { calls, project, log, on, dry, passes, refused, v: (number: number) => `${project}/m:${number}` };
}

function metadata(op: string, value: unknown, key = "acc") {
  return { metadata: { key, op, value } };
}

onEngines("gates on metadata", (service) => {
  it("a gate on metadata passes by value, and reports what it expected and found", async () => {
    const { project, log, on, refused, v } = await gated(service(), [
      metadata("GTE", 0.9),
      metadata("EQ", "eu", "at.region"),
    ]);
    await log({ acc: 0.85, at: { region: "eu" } });
    const failed = await refused(v(2));
    expect(failed).toMatchObject({ code: "GATE_FAILED", message: expect.stringContaining("0.85") });
    expect(failed.gates).toEqual([
      { name: "acc GTE", passed: false, expected: { key: "acc", op: "GTE", value: 0.9 }, found: 0.85 },
      { name: "at.region EQ", passed: true, expected: { key: "at.region", op: "EQ", value: "eu" }, found: "eu" },
    ]);
    const missing = await refused(v(1));
    expect(missing.gates).toMatchObject([
      { passed: false, found: null },
      { passed: false, found: null },
    ]);
    expect(missing.message).toContain("found nothing");
    expect(await on.held(project)).toEqual([]);
    await log({ acc: 0.9, at: { region: "eu" } });
    const { promotion, gates } = await on.promote(v(3), "production");
    expect(gates.map(({ passed }) => passed)).toEqual([true, true]);
    expect(promotion).toMatchObject({ forced: false, gates });
    expect((await on.promote(v(3), "production")).gates).toEqual(gates);
  });

  it.each([
    ["GT", 1, [1], [1.5, 2], [0.5, "2", null, true, [2]]],
    ["GTE", 1, [], [1, 2, { $type: "FLOAT", value: "Infinity" }], [0.5, "1", { $type: "FLOAT", value: "NaN" }]],
    ["LT", 1, [1], [0, -1, { $type: "STORAGE_SIZE", value: 0 }], [2, "0"]],
    ["LTE", 1, [], [1, 0], [1.1, { a: 0 }]],
    ["EQ", "x", ["y"], ["x", { $type: "URI", value: "x" }], [1, null, ["x"]]],
    ["EQ", [1, { b: 2, a: 1 }], [[1]], [[1, { a: 1, b: 2 }]], [1]],
    ["EQ", 1, [2], [1, { $type: "FLOAT", value: 1 }], ["1", true]],
  ])("a gate compares by %s with %j", async (op, value, equal, through, held) => {
    const { log, passes, v } = await gated(service(), [metadata(op, value)]);
    const found: unknown[] = [];
    const all = [...equal, ...held, ...through];
    for (const [i, acc] of all.entries()) {
      await log({ acc });
      found.push(...(await passes(v(i + 2))));
    }
    expect(found).toEqual(all.map((_, i) => i >= equal.length + held.length));
  });

  it("a gate compares with the present holder, and passes the first version", async () => {
    const holder = (op: string, minImprovement: number) => ({
      metadata: { key: "acc", op, holder: { minImprovement } },
    });
    const { log, on, passes, dry, v, project } = await gated(service(), [{ name: "better", ...holder("GTE", 0.1) }]);
    for (const acc of [0.2, 0.29, 0.3]) await log({ acc });
    expect(await passes(v(1))).toEqual([true]);
    await on.promote(v(2), "production");
    expect(await passes(v(3))).toEqual([false]);
    expect((await dry(v(3)))[0]).toMatchObject({ name: "better", expected: { value: 0.3 }, found: 0.29 });
    expect(await passes(v(4))).toEqual([true]);
    expect(await passes(v(1))).toEqual([false]);
    await on.define(project, "production", { gates: [holder("LT", 0.05)] });
    for (const acc of [0.15, 0.14]) await log({ acc });
    expect([...(await passes(v(5))), ...(await passes(v(6)))]).toEqual([false, true]);
    await on.define(project, "production", { gates: null });
    await on.promote(v(1), "production");
    await on.define(project, "production", { gates: [holder("GTE", 0)] });
    expect(await passes(v(4))).toEqual([false]);
  });

  it("a gate without a rule, with two rules, or with an invalid comparison is refused", async () => {
    const { project, on } = await gated(service(), []);
    const some = { key: "k", op: "GT", value: 1 };
    for (const [gate, field] of [
      [{}, "gates[0]"],
      [{ name: "x" }, "gates[0]"],
      [{ metadata: some, approvals: { count: 1 } }, "gates[0]"],
      [{ metadata: { key: "k", op: "GT" } }, "gates[0].metadata"],
      [{ metadata: { ...some, holder: { minImprovement: 1 } } }, "gates[0].metadata"],
      [{ metadata: { ...some, value: "text" } }, "gates[0].metadata.value"],
      [{ metadata: { ...some, value: [1] } }, "gates[0].metadata.value"],
      [{ metadata: { ...some, value: { $type: "FLOAT", value: "NaN" } } }, "gates[0].metadata.value"],
      [{ metadata: { key: "k", op: "EQ", holder: { minImprovement: 1 } } }, "gates[0].metadata.op"],
      [{ metadata: { ...some, key: "" } }, "gates[0].metadata.key"],
      [{ requires: {} }, "gates[0].requires"],
      [{ requires: { consumerTag: "" } }, "gates[0].requires.consumerTag"],
      [{ requires: { inputStage: "a b" } }, "gates[0].requires.inputStage"],
      [{ approvals: { count: 0 } }, "gates[0].approvals.count"],
      [{ approvals: { count: 1, role: "boss" } }, "gates[0].approvals.role"],
    ] as const) {
      const input = { project, name: "production", gates: [gate] };
      expect(await service().refusal(staging.defineStage, { input }), JSON.stringify(gate)).toMatchObject({
        code: "INVALID_INPUT",
        field,
      });
    }
    const twice = [
      { name: "a", metadata: some },
      { name: "a", approvals: { count: 1 } },
    ];
    expect(
      await service().refusal(staging.defineStage, { input: { project, name: "production", gates: twice } }),
    ).toMatchObject({ code: "INVALID_INPUT", field: "gates[1].name" });
    const holder = [{ metadata: { key: "k", op: "GT", holder: { minImprovement: 0 } } }];
    expect(
      await service().refusal(staging.defineStage, { input: { project, name: "shadow", gates: holder } }),
    ).toMatchObject({ code: "INVALID_INPUT", field: "gates[0].metadata.holder" });
    await on.define(project, "production", { gates: holder });
    expect(
      await service().refusal(staging.defineStage, { input: { project, name: "production", exclusive: false } }),
    ).toMatchObject({ code: "INVALID_INPUT" });
    const { stages } = await service().data<{ stages: { gates: unknown }[] }>(rules, { project });
    expect(stages[1]?.gates).toEqual([
      { name: "k GT holder", rule: { metadata: { key: "k", op: "GT", holder: { minImprovement: 0 } } } },
    ]);
  });

  it("a version that changes during its promotion never passes by its old value", async () => {
    for (let round = 0; round < 10; round++) {
      const { project, log, on, v } = await gated(service(), [metadata("GTE", 0.9)]);
      await log({ acc: 0.95 });
      const answers = await Promise.all([
        service().ask(staging.promote, { input: { version: v(2), stage: "production" } }),
        service().ask(update, { input: { ref: v(2), metadata: { set: { acc: 0.1 } } } }),
      ]);
      const [promoted, changed] = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? "done");
      expect([promoted, changed]).toContainEqual("done");
      const { nodes } = (await on.history(v(2))).version;
      const { updatedAt } = await callsOf(service()).version(v(2));
      expect(changed).toBe("done");
      if (promoted === "done") expect(Date.parse(nodes[0]?.at ?? "")).toBeLessThan(Date.parse(updatedAt));
      else expect([promoted, nodes]).toEqual(["GATE_FAILED", []]);
      expect(await on.held(project)).toEqual(promoted === "done" ? ["production m:2"] : []);
    }
  });
});

onEngines("gates on lineage", (service) => {
  const evaluated = async (requires: object) => {
    const all = await gated(service(), [{ requires }]);
    const evaluate = (more: object) =>
      all.calls.log({ project: all.project, name: "report", inputs: [all.v(1)], ...more });
    return { ...all, evaluate };
  };

  it("a gate requires an existing version of a kind, with a tag, made from the promoted one", async () => {
    const { evaluate, passes, calls, dry, v } = await evaluated({ consumerKind: "ANALYSIS", consumerTag: "eval" });
    expect((await dry(v(1)))[0]).toMatchObject({ passed: false, found: { consumers: [] } });
    await evaluate({ kind: "ANALYSIS" });
    await evaluate({ name: "other", tags: ["eval"] });
    expect(await passes(v(1))).toEqual([false]);
    const { id } = await evaluate({ kind: "ANALYSIS", tags: ["eval"] });
    expect((await dry(v(1)))[0]).toMatchObject({ passed: true, found: { consumers: [id] } });
    await calls.remove(id);
    expect(await passes(v(1))).toEqual([false]);
  });

  it("a gate requires every direct input to be in a stage", async () => {
    const { project, calls, log, dry, passes, v, on } = await gated(service(), [
      { requires: { inputStage: "staging" } },
    ]);
    expect(await passes(v(1))).toEqual([true]);
    const [a, b] = [await calls.log({ project, name: "a" }), await calls.log({ project, name: "b", inputs: [v(1)] })];
    await calls.log({ project, name: "m", inputs: [a.id, b.id] });
    await log();
    await on.promote(a.id, "staging");
    expect((await dry(v(2)))[0]).toMatchObject({ passed: false, found: { inputs: 2, notInStage: [b.id] } });
    await on.promote(b.id, "staging");
    expect((await dry(v(2)))[0]).toMatchObject({ passed: true, found: { inputs: 2, notInStage: [] } });
    await on.promote(a.id, "production");
    expect(await passes(v(2))).toEqual([false]);
  });

  it("a version whose proof is deleted during its promotion does not pass a gate", async () => {
    for (let round = 0; round < 10; round++) {
      const { evaluate, on, refused, v, project } = await evaluated({ consumerTag: "eval" });
      const { id } = await evaluate({ tags: ["eval"] });
      const codes = (
        await Promise.all([
          service().ask(staging.promote, { input: { version: v(1), stage: "production" } }),
          service().ask(deleteVersion, { input: { ref: id } }),
        ])
      ).map(({ errors }) => errors?.[0]?.extensions.code ?? "done");
      expect([
        ["done", "done"],
        ["GATE_FAILED", "done"],
      ]).toContainEqual(codes);
      const gates = (await on.history(v(1))).version.nodes.flatMap((entry) => entry.gates);
      if (codes[0] === "done") expect(gates).toMatchObject([{ passed: true, found: { consumers: [id] } }]);
      else expect(await on.held(project)).toEqual([]);
      if (codes[0] === "done") await on.demote(v(1), "production");
      expect(await refused(v(1))).toMatchObject({ code: "GATE_FAILED" });
    }
  });

  it("a version whose input left its stage before the promotion does not pass a gate", async () => {
    for (let round = 0; round < 10; round++) {
      const { project, calls, on, v } = await gated(service(), [{ requires: { inputStage: "staging" } }]);
      const input = await calls.log({ project, name: "a" });
      await on.promote(input.id, "staging");
      type Answer = { publishRun: { run: { id: string } } };
      const published = await service().data<Answer>(publishRun, {
        input: { project, status: "RUNNING", outputs: [{ name: "m" }] },
      });
      await service().data(recordLineage, {
        input: { execution: published.publishRun.run.id, inputs: [{ version: input.id }] },
      });
      const [promoted] = await Promise.all([
        service().ask(staging.promote, { input: { version: v(2), stage: "production" } }),
        service().ask(staging.demote, { input: { version: input.id, stage: "staging" } }),
      ]);
      const at = async (ref: string) => Date.parse((await on.history(ref)).version.nodes[0]?.at ?? "");
      if (!promoted.errors) expect(await at(v(2))).toBeLessThanOrEqual(await at(input.id));
      else expect(promoted.errors[0]?.extensions.code).toBe("GATE_FAILED");
    }
  });
});

onEngines(
  "approvals",
  (service) => {
    const approved = async (ref: string, role: string, more: object = {}) =>
      (
        await service().data<{ approve: { version: Approved } }>(
          approve,
          { input: { ref, stage: "production", ...more } },
          role,
        )
      ).approve.version.approvals;
    const read = async (ref: string) =>
      (await service().data<{ version: Approved }>(approvals, { ref }, "viewer")).version.approvals;

    it("a gate counts approvals by different actors of a role, not one's own, and they lapse when the metadata changes", async () => {
      const gates = [
        { name: "eyes", approvals: { count: 2 } },
        { name: "boss", approvals: { count: 1, role: "admin" } },
      ];
      const { log, on, dry, refused, v } = await gated(service(), gates, "maintainer");
      await log({ a: 1 }, "contributor");
      expect(
        await service().refusal(approve, { input: { ref: v(2), stage: "production" } }, "contributor"),
      ).toMatchObject({
        code: "FORBIDDEN",
        permission: "version:approve",
      });
      const first = await approved(v(2), "maintainer", { comment: "fine" });
      expect(first).toMatchObject([
        { stage: "production", actor: "the maintainer", role: "maintainer", comment: "fine", at: expect.any(String) },
      ]);
      await approved(v(2), "maintainer", { stage: "staging" });
      await approved(v(2), "maintainer");
      expect((await refused(v(2))).gates).toEqual([
        {
          name: "eyes",
          passed: false,
          expected: { count: 2, ownAllowed: false },
          found: { count: 1, by: ["the maintainer"] },
        },
        {
          name: "boss",
          passed: false,
          expected: { count: 1, role: "admin", ownAllowed: false },
          found: { count: 0, by: [] },
        },
      ]);
      await approved(v(2), "admin");
      expect((await read(v(2))).map(({ stage, actor }) => `${stage} ${actor}`)).toEqual([
        "production the admin",
        "production the maintainer",
        "staging the maintainer",
      ]);
      expect((await dry(v(2))).map(({ passed }) => passed)).toEqual([true, true]);
      const change = (metadata: object) => service().data(update, { input: { ref: v(2), ...metadata } }, "contributor");
      await change({ metadata: { set: { a: 1 } }, description: "said again" });
      expect(await read(v(2))).toHaveLength(3);
      await change({ metadata: { set: { a: 2 } } });
      expect(await read(v(2))).toEqual([]);
      expect((await refused(v(2))).gates).toMatchObject([{ found: { count: 0 } }, { found: { count: 0 } }]);
      for (const role of ["maintainer", "admin"]) await approved(v(2), role);
      expect((await on.promote(v(2), "production")).gates).toHaveLength(2);
    });

    it("a gate counts one's own approval where the stage says so", async () => {
      const { passes, v } = await gated(service(), [{ approvals: { count: 1, ownAllowed: true } }], "maintainer");
      expect(await passes(v(1))).toEqual([false]);
      await approved(v(1), "maintainer");
      expect(await passes(v(1))).toEqual([true]);
    });

    it("an approval is refused to viewers, for unknown stages and for deleted versions", async () => {
      const { calls, v } = await gated(service(), [], "admin");
      const refused = (input: object, role: string) => service().refusal(approve, { input }, role);
      expect(await refused({ ref: v(1), stage: "production" }, "viewer")).toMatchObject({
        code: "FORBIDDEN",
        permission: "version:approve",
      });
      expect(await refused({ ref: v(1), stage: "none" }, "admin")).toMatchObject({ code: "NOT_FOUND" });
      await calls.remove(v(1), {}, "admin");
      expect(await refused({ ref: v(1), stage: "production" }, "admin")).toMatchObject({ code: "GONE" });
    });

    it("an approval given before a change never passes a gate after it", async () => {
      for (let round = 0; round < 6; round++) {
        const { on, v, calls } = await gated(service(), [{ approvals: { count: 1 } }], "maintainer");
        await approved(v(1), "admin");
        const [promoted] = await Promise.all([
          service().ask(staging.promote, { input: { version: v(1), stage: "production" } }, "maintainer"),
          service().ask(update, { input: { ref: v(1), metadata: { set: { a: 2 } } } }, "maintainer"),
        ]);
        const { nodes } = (await on.history(v(1))).version;
        expect(calls).toBeDefined();
        if (promoted.errors) expect([promoted.errors[0]?.extensions.code, nodes]).toEqual(["GATE_FAILED", []]);
        else expect(nodes).toHaveLength(1);
        expect(await read(v(1))).toEqual([]);
      }
    });
  },
  tokensByRole(),
);

onEngines(
  "forced and tried promotions",
  (service) => {
    it("a forced promotion requires the role admin, and the history records it", async () => {
      const { on, refused, v } = await gated(service(), [metadata("GT", 1)], "maintainer");
      expect(await refused(v(1))).toMatchObject({ code: "GATE_FAILED" });
      const input = { version: v(1), stage: "production", force: true };
      for (const more of [{}, { dryRun: true }]) {
        expect(await service().refusal(staging.promote, { input: { ...input, ...more } }, "maintainer")).toMatchObject({
          code: "FORBIDDEN",
          permission: "version:force",
        });
      }
      const { promotion } = await stagingOf(service(), "admin").promote(v(1), "production", { force: true });
      expect(promotion).toMatchObject({ forced: true, actor: "the admin", gates: [{ passed: false, found: null }] });
      expect((await on.history(v(1))).version.nodes[0]).toEqual(promotion);
    });

    it("a dry run of a promotion reports its result and writes nothing", async () => {
      const { on, log, calls, v, project } = await gated(service(), [metadata("GT", 1)], "admin");
      await log({ acc: 2 });
      await on.promote(v(2), "production");
      const before = await on.history(v(2));
      const dry = (version: string, more: object = {}) => on.promote(version, "production", { dryRun: true, ...more });
      expect(await dry(v(1))).toMatchObject({ promotion: null, previous: { number: 2 }, gates: [{ passed: false }] });
      expect(await dry(v(2))).toMatchObject({ promotion: { version: { number: 2 } }, previous: null });
      const refused = (more: object) =>
        service().refusal(
          staging.promote,
          { input: { version: v(1), stage: "production", dryRun: true, ...more } },
          "admin",
        );
      expect(await refused({ expectedCurrent: null })).toMatchObject({ code: "CONFLICT" });
      expect(await refused({ stage: "none" })).toMatchObject({ code: "NOT_FOUND" });
      expect(await on.history(v(2))).toEqual(before);
      expect(await on.held(project)).toEqual(["production m:2"]);
      await calls.remove(v(1), {}, "admin");
      expect(await refused({})).toMatchObject({ code: "GONE" });
      expect(await refused({ force: true })).toMatchObject({ code: "GONE" });
    });
  },
  tokensByRole(),
);
