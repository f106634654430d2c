import { describe, expect, it } from "vitest";
import { stagingOf } from "../promotion/calls.ts";
import { useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Placed {
  id: string;
  number: number;
  stage: string | null;
}
interface Entry {
  at: string;
  kind: string;
  version: Placed;
  previous: Placed | null;
}
type Seen = Placed & { promotions: { totalCount: number; nodes: Entry[] } };
const placed = "id number stage";
const seen = `query ($ref: VersionRef!, $asOf: DateTime) { version(ref: $ref, asOf: $asOf) { ${placed}
  promotions { totalCount nodes { at kind version { ${placed} } previous { ${placed} } } } } }`;
const held = `query ($project: String!, $asOf: DateTime!) { stages(project: $project, asOf: $asOf) { name
  holders { version { number stage tags } artifact { tags } } } }`;

describeEngines("stages as of a time", (engine) => {
  const api = useApi(engine);
  const { change } = changesOf(api);
  const on = stagingOf({ data: (query, variables) => api.data(query, variables) });
  const at = async (ref: string, asOf: string | null): Promise<Seen> =>
    (await api.data<{ version: Seen }>(seen, { ref, asOf })).version;
  const gone = async (ref: string, asOf: string | null) =>
    expect(await api.refusal(seen, { ref, asOf })).toMatchObject({ code: "NOT_FOUND" });
  const earlier = (time: string) => new Date(Date.parse(time) - 1).toISOString();

  /** Creates a run with three versions of `m`; `promote` resolves with the time of the promotion. */
  const made = async () => {
    const project = freshProject();
    const outputs = [1, 2, 3].map(() => ({ project, name: "m", tags: ["then"] }));
    const { run } = await api.publish({ project, outputs });
    const m = (selector: string | number) => `${project}/m:${selector}`;
    const promote = async (number: number, stage: string): Promise<string> =>
      (await on.promote(m(number), stage)).promotion?.at ?? "";
    return { project, run: run.id, m, promote };
  };
  /** The time at which the first alias of `m` was set. */
  const aliasedAt = async (project: string): Promise<string> => {
    const query = `query ($project: String!) { artifact(project: $project, name: "m") { aliasHistory(last: 1) { nodes { at } } } }`;
    type Answer = { artifact: { aliasHistory: { nodes: { at: string }[] } } };
    return (await api.data<Answer>(query, { project })).artifact.aliasHistory.nodes[0]?.at ?? "";
  };

  describe("stages as of a time", () => {
    it("a reference by stage finds the holder of that time, also for what a run made", async () => {
      const { project, run, m, promote } = await made();
      const first = await promote(1, "production");
      const second = await promote(2, "production");
      const left = (await on.demote(m(2), "production")).promotion?.at ?? "";
      for (const ref of [m("production"), `${m("production")}@${run}`]) {
        await gone(ref, earlier(first));
        expect(await at(ref, first)).toMatchObject({ number: 1, stage: "production" });
        expect(await at(ref, earlier(second))).toMatchObject({ number: 1 });
        expect(await at(ref, second)).toMatchObject({ number: 2, stage: "production" });
        await gone(ref, left);
        await gone(ref, null);
      }
      expect(await at(m("archived"), second)).toMatchObject({ number: 1, stage: "archived" });
      await api.log({ project, name: "other" });
      await gone(`${project}/other:production`, second);
    });

    it("a reference by a stage that is not exclusive finds the newest version in it at that time", async () => {
      const { run, m, promote } = await made();
      const one = await promote(3, "archived");
      const two = await promote(1, "archived");
      const three = (await on.demote(m(3), "archived")).promotion?.at ?? "";
      for (const ref of [m("archived"), `${m("archived")}@${run}`]) {
        expect(await at(ref, one)).toMatchObject({ number: 3 });
        expect(await at(ref, two)).toMatchObject({ number: 3 });
        expect(await at(ref, three)).toMatchObject({ number: 1 });
      }
    });

    it("a name finds the version that had it as an alias at that time, and the holder of the stage of that name later", async () => {
      const { project, run, m, promote } = await made();
      await change("setAlias", { ref: m(2), alias: "canary" });
      await change("removeAlias", { project, name: "m", alias: "canary" });
      const removed = await promote(3, "production");
      const aliased = await aliasedAt(project);
      await on.define(project, "canary", { exclusive: true });
      const staged = await promote(1, "canary");
      for (const canary of [m("canary"), `${m("canary")}@${run}`]) {
        await gone(canary, earlier(aliased));
        expect(await at(canary, aliased)).toMatchObject({ number: 2 });
        await gone(canary, removed);
        expect(await at(canary, staged)).toMatchObject({ number: 1 });
        expect(await at(canary, null)).toMatchObject({ number: 1 });
      }
    });

    it("the promotion history and the holders as of a time show versions as they were then", async () => {
      const { project, m, promote } = await made();
      await promote(1, "production");
      const second = await promote(2, "production");
      await change("updateVersion", { ref: m(2), tags: { remove: ["then"] } });
      await change("updateArtifact", { project, name: "m", tags: { add: ["now"] } });
      await change("deleteVersion", { ref: m(2), force: true });
      const [entry, ...others] = (await at(m(2), second)).promotions.nodes;
      expect(others).toEqual([]);
      expect(entry).toMatchObject({
        kind: "PROMOTED",
        version: { number: 2, stage: "production" },
        previous: { number: 1, stage: "archived" },
      });
      expect((await at(m(2), null)).promotions.nodes.map(({ kind, version }) => [kind, version.stage])).toEqual([
        ["DEMOTED", null],
        ["PROMOTED", null],
      ]);
      const { stages } = await api.data<{ stages: { name: string; holders: object[] }[] }>(held, {
        project,
        asOf: second,
      });
      expect(stages.find(({ name }) => name === "production")?.holders).toEqual([
        { version: { number: 2, stage: "production", tags: ["then"] }, artifact: { tags: [] } },
      ]);
    });
  });
});
