import fc from "fast-check";
import { expect, it } from "vitest";
import { callsOf, deleteVersion, onEngines, update } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";
import { received, type ShownPromotion, staging, stagingOf } from "./calls.ts";

const names = ["staging", "production", "archived", "canary"] as const;
type Name = (typeof names)[number];
const approve = "mutation ($input: ApproveInput!) { approve(input: $input) { version { id } } }";

interface Rules {
  exclusive: boolean;
  displacedTo: Name;
  approvals: number;
}
interface PlainVersion {
  number: number;
  stage: Name | null;
  deleted: boolean;
  approved: Set<Name>;
}

/** The stages of one artifact in plain code: `undefined` for success, or the code of a refusal. */
function plain(count: number) {
  const rules: Partial<Record<Name, Rules>> = {
    staging: { exclusive: true, displacedTo: "archived", approvals: 0 },
    production: { exclusive: true, displacedTo: "archived", approvals: 0 },
    archived: { exclusive: false, displacedTo: "archived", approvals: 0 },
  };
  const versions = Array.from(
    { length: count },
    (_, i): PlainVersion => ({ number: i + 1, stage: null, deleted: false, approved: new Set() }),
  );
  const stacks = new Map<Name, PlainVersion[]>();
  const entries: string[] = [];
  const version = (number: number): PlainVersion => versions[number - 1] ?? expect.fail("no such version");
  const holder = (stage: Name) => versions.find((item) => item.stage === stage);

  const isHolder = (stage: Name, number: number | null) => (holder(stage)?.number ?? null) === number;
  const enter = (item: PlainVersion, stage: Name): PlainVersion | undefined => {
    const displaced = rules[stage]?.exclusive ? holder(stage) : undefined;
    item.stage = stage;
    stacks.set(stage, [...(stacks.get(stage) ?? []), item]);
    if (displaced && displaced !== item) enter(displaced, rules[stage]?.displacedTo ?? "archived");
    return displaced;
  };
  const note = (kind: string, item: PlainVersion, from: Name | null, stage: Name, previous?: PlainVersion) =>
    entries.unshift(`${kind} ${item.number} ${from ?? "-"} > ${stage} (${previous?.number ?? "-"})`);

  return {
    entries,
    held: () => versions.flatMap(({ stage, number }) => (stage ? [`${stage} m:${number}`] : [])).sort(),
    define: (stage: Name, exclusive: boolean, displacedTo: Name, approvals: number): string | undefined => {
      const after = { ...rules, [stage]: { exclusive, displacedTo, approvals } };
      if (!after[displacedTo]) return "INVALID_INPUT";
      for (const start of names) {
        const passed = new Set<Name>();
        for (let at = start; after[at]?.exclusive; at = after[at]?.displacedTo ?? "archived") {
          if (passed.has(at)) return "INVALID_INPUT";
          passed.add(at);
        }
      }
      if (exclusive && versions.filter((item) => item.stage === stage).length > 1) return "IN_USE";
      rules[stage] = { exclusive, displacedTo, approvals };
      return undefined;
    },
    promote: (number: number, stage: Name, expected: number | null | undefined): string | undefined => {
      const item = version(number);
      if (item.deleted) return "GONE";
      const rule = rules[stage];
      if (!rule) return "NOT_FOUND";
      if (expected !== undefined && !rule.exclusive) return "INVALID_INPUT";
      if (expected !== undefined && !isHolder(stage, expected)) return "CONFLICT";
      if (item.stage === stage) return undefined;
      if (rule.approvals > 0 && !item.approved.has(stage)) return "GATE_FAILED";
      const from = item.stage;
      note("PROMOTED", item, from, stage, enter(item, stage));
      return undefined;
    },
    demote: (number: number, stage: Name): string | undefined => {
      const item = version(number);
      if (item.deleted) return "GONE";
      if (!rules[stage]) return "NOT_FOUND";
      if (item.stage !== stage) return "CONFLICT";
      item.stage = null;
      note("DEMOTED", item, stage, stage);
      return undefined;
    },
    rollback: (stage: Name): string | undefined => {
      if (!rules[stage]) return "NOT_FOUND";
      if (!rules[stage]?.exclusive) return "INVALID_INPUT";
      const present = holder(stage);
      const stack = [...(stacks.get(stage) ?? [])];
      while (stack.length && (stack.at(-1) === present || stack.at(-1)?.deleted)) stack.pop();
      const item = stack.pop();
      if (!item) return "NOT_FOUND";
      const from = item.stage;
      const displaced = enter(item, stage);
      stacks.set(stage, [...stack, item]);
      note("ROLLED_BACK", item, from, stage, displaced);
      return undefined;
    },
    approve: (number: number, stage: Name): string | undefined => {
      if (version(number).deleted) return "GONE";
      if (!rules[stage]) return "NOT_FOUND";
      version(number).approved.add(stage);
      return undefined;
    },
    change: (number: number): string | undefined => {
      if (version(number).deleted) return "GONE";
      version(number).approved.clear();
      return undefined;
    },
    remove: (number: number): string | undefined => {
      const item = version(number);
      if (item.deleted) return "GONE";
      item.deleted = true;
      if (item.stage) note("DEMOTED", item, item.stage, item.stage);
      item.stage = null;
      return undefined;
    },
  };
}

const number = fc.integer({ min: 1, max: 4 });
const stage = fc.constantFrom(...names);
const expected = fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.constant(null), number);
const intent = fc.oneof(
  { weight: 8, arbitrary: fc.record({ verb: fc.constant("promote" as const), number, stage, expected }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant("rollback" as const), stage }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("demote" as const), number, stage }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ verb: fc.constant("define" as const), stage, exclusive: fc.boolean(), displacedTo: stage },
      approvals: fc.constantFrom(0, 0, 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("approve" as const), number, stage }) },
  fc.record({ verb: fc.constant("change" as const), number }),
  fc.record({ verb: fc.constant("remove" as const), number }),
);

type Plain = ReturnType<typeof plain>;
type Intent = typeof intent extends fc.Arbitrary<infer T> ? T : never;
type Of<V extends Intent["verb"]> = Extract<Intent, { verb: V }>;
/** What the model expects of an intent, and the same as a request. */
type Step = [string | undefined, string, object];

function define(model: Plain, project: string, { stage: name, exclusive, displacedTo, approvals }: Of<"define">): Step {
  const gates = approvals ? [{ approvals: { count: approvals, ownAllowed: true } }] : [];
  const input = { project, name, exclusive, displacedTo, gates };
  return [model.define(name, exclusive, displacedTo, approvals), staging.defineStage, input];
}

function promote(model: Plain, project: string, { number: item, stage: into, expected: wanted }: Of<"promote">): Step {
  const expectedCurrent = typeof wanted === "number" ? `${project}/m:${wanted}` : wanted;
  const input = { version: `${project}/m:${item}`, stage: into, ...(wanted !== undefined && { expectedCurrent }) };
  return [model.promote(item, into, wanted), staging.promote, input];
}

function step(model: Plain, item: Intent, project: string, position: number): Step {
  if (item.verb === "define") return define(model, project, item);
  if (item.verb === "promote") return promote(model, project, item);
  if (item.verb === "rollback")
    return [model.rollback(item.stage), staging.rollback, { project, name: "m", stage: item.stage }];
  const ref = `${project}/m:${item.number}`;
  if (item.verb === "change") return [model.change(item.number), update, { ref, metadata: { set: { position } } }];
  if (item.verb === "remove") return [model.remove(item.number), deleteVersion, { ref, force: true }];
  if (item.verb === "approve") return [model.approve(item.number, item.stage), approve, { ref, stage: item.stage }];
  return [model.demote(item.number, item.stage), staging.demote, { version: ref, stage: item.stage }];
}

onEngines("random histories of stages", (service, engine) => {
  it("stages are those of plain code after random histories, now and as of every step", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(intent, { minLength: 15, maxLength: 25 }), async (intents) => {
        const calls = callsOf(service());
        const on = stagingOf(service());
        const project = freshProject();
        for (let i = 0; i < 4; i++) await calls.log({ project, name: "m" });
        const v = (item: number) => `${project}/m:${item}`;
        const model = plain(4);
        const ask = async (query: string, input: object) =>
          (await service().ask(query, { input })).errors?.[0]?.extensions.code;
        const seen = new Map<string, string[]>();
        const entries = async (): Promise<ShownPromotion[]> => (await on.history(v(1))).artifact.nodes;
        for (const [i, item] of intents.entries()) {
          const [modelled, query, input] = step(model, item, project, i);
          const real = await ask(query, input);
          expect(real, JSON.stringify(item)).toBe(modelled);
          expect((await on.held(project)).sort()).toEqual(model.held());
          const nodes = await entries();
          expect(received(nodes)).toEqual(model.entries);
          if (nodes[0]) seen.set(nodes[0].at, model.held());
        }
        for (const [asOf, held] of seen) expect((await on.held(project, { asOf })).sort()).toEqual(held);
      }),
      { numRuns: engine.name === "grafeo" ? 25 : 8 },
    );
  }, 240_000);
});
