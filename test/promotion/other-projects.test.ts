import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines } from "../support/service.ts";

const define = "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
const promote = `mutation ($input: PromoteInput!) { promote(input: $input) {
  promotion { id } gates { name passed expected found } } }`;
const remove = "mutation ($input: DeleteVersionInput!) { deleteVersion(input: $input) { version { state } } }";
const prune = `mutation ($input: PruneInput!) { prune(input: $input) {
  count consumersElsewhere versions { number } } }`;
const upstream = `query ($ref: VersionRef!) { version(ref: $ref) {
  lineage(direction: UPSTREAM) { nodes { depth } } } }`;

/** `both` contributes to the project `open` and only reads `secret`. */
describeEngines("versions of other projects", (engine) => {
  const api = useApi(engine);
  const { open, secret } = api.projects;
  let names = 0;
  const log = async (input: object, actor: "admin" | "both" = "admin"): Promise<string> =>
    (await api.log(input, actor)).version.id;
  const gate = async (project: string, requires: object) => {
    const name = `s${names++}`;
    await api.data(define, { input: { project, name, gates: [{ name: "g", requires }] } });
    return name;
  };
  const judge = async (version: string, stage: string) => {
    type Answer = { promote: { gates: { passed: boolean; found: object }[] } };
    const { gates } = (await api.data<Answer>(promote, { input: { version, stage, dryRun: true } })).promote;
    return gates.map(({ passed, found }) => ({ passed, found }));
  };

  describe("gates", () => {
    it("a consumer in another project satisfies no gate unless the stage names that project", async () => {
      const name = `m${names++}`;
      const version = await log({ project: secret, name });
      const consumer = await log({ project: open, name, inputs: [version], tags: ["eval"] }, "both");
      const stage = await gate(secret, { consumerTag: "eval" });
      expect(await judge(version, stage)).toEqual([{ passed: false, found: { consumers: [] } }]);
      const naming = await gate(secret, { consumerTag: "eval", projects: [open] });
      expect(await judge(version, naming)).toEqual([{ passed: true, found: { consumers: [], consumersElsewhere: 1 } }]);
      const answer = await api.data(promote, { input: { version, stage: naming } });
      expect(JSON.stringify(answer)).not.toContain(consumer);
    });

    it("an input in another project fails a gate unless the stage names that project, and is not revealed", async () => {
      const name = `m${names++}`;
      const input = await log({ project: secret, name });
      const version = await log({ project: open, name, inputs: [input] }, "both");
      const inputStage = await gate(secret, { consumerKind: "MODEL" });
      await api.data(promote, { input: { version: input, stage: inputStage, force: true } });
      const without = await gate(open, { inputStage });
      const failed = { inputs: 1, notInStage: [], notInStageElsewhere: 1 };
      expect(await judge(version, without)).toEqual([{ passed: false, found: failed }]);
      const naming = await gate(open, { inputStage, projects: [secret] });
      expect(await judge(version, naming)).toEqual([{ passed: true, found: { inputs: 1, notInStage: [] } }]);
    });

    it("a gate only names projects that its author may read", async () => {
      const gates = (projects: string[]) => [{ requires: { consumerTag: "eval", projects } }];
      const input = { project: open, name: "naming" };
      expect(await api.refusal(define, { input: { ...input, gates: gates([secret]) } }, "maintainer")).toMatchObject({
        code: "FORBIDDEN",
        permission: "project:read",
      });
      expect(await api.refusal(define, { input: { ...input, gates: gates(["a b"]) } })).toMatchObject({
        code: "INVALID_INPUT",
        field: "gates[0].requires.projects[0]",
      });
      await api.data(define, { input: { ...input, gates: gates([open]) } }, "maintainer");
      expect(await api.refusal(define, { input: { ...input, gates: gates([open, "x"]) } }, "maintainer")).toMatchObject(
        {
          code: "FORBIDDEN",
        },
      );
    });
  });

  describe("deletion", () => {
    it("a version that only other projects consume can be deleted, and its tombstone keeps the lineage whole", async () => {
      const name = `m${names++}`;
      const version = await log({ project: secret, name });
      const consumer = await log({ project: open, name, inputs: [version] }, "both");
      expect(await api.data(remove, { input: { ref: version } })).toMatchObject({
        deleteVersion: { version: { state: "DELETED" } },
      });
      type Answer = { version: { lineage: { nodes: { depth: number }[] } } };
      const { lineage } = (await api.data<Answer>(upstream, { ref: consumer })).version;
      expect(lineage.nodes.map(({ depth }) => depth).sort()).toEqual([-1, -1, 0]);
    });

    it("a version with a descendant in its own project behind one elsewhere that was deleted is in use", async () => {
      const name = `m${names++}`;
      const version = await log({ project: secret, name });
      const between = await log({ project: open, name, inputs: [version] });
      const descendant = await log({ project: secret, name: `${name}-b`, inputs: [between] });
      await api.data(remove, { input: { ref: between, force: true } });
      expect(await api.refusal(remove, { input: { ref: version } })).toMatchObject({
        code: "IN_USE",
        by: [`version ${descendant}`],
      });
    });

    it("pruning counts the versions of other projects that were made from what it deletes", async () => {
      const name = `m${names++}`;
      const first = await log({ project: secret, name });
      for (const other of ["a", "b"]) await log({ project: open, name: `${name}${other}`, inputs: [first] }, "both");
      await log({ project: secret, name });
      const input = { project: secret, artifact: name };
      const pruned = { prune: { count: 1, consumersElsewhere: 2, versions: [{ number: 1 }] } };
      expect(await api.data(prune, { input: { ...input, dryRun: true } })).toEqual(pruned);
      expect(await api.data(prune, { input })).toEqual(pruned);
    });
  });
});
