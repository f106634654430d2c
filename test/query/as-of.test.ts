import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { type Changed, changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Seen {
  id: string;
  state: string;
  tags: string[];
  aliases: string[];
  isLatest: boolean;
  artifact: {
    tags: string[];
    updatedAt: string;
    latest: { id: string } | null;
    versions: { totalCount: number; nodes: { id: string; tags: string[] }[]; pageInfo: { endCursor: string | null } };
    aliases: { alias: string; version: { id: string; aliases: string[] } }[];
    aliasHistory: { totalCount: number; nodes: { at: string }[] };
  };
  consumers: { totalCount: number; nodes: { execution: { id: string; tags: string[] } }[] };
}
const seen = `query ($ref: VersionRef!, $asOf: DateTime, $after: String) { version(ref: $ref, asOf: $asOf) {
  id state tags aliases isLatest
  artifact { tags updatedAt latest { id } versions(first: 1, after: $after) { totalCount nodes { id tags } pageInfo { endCursor } }
    aliases { alias version { id aliases } } aliasHistory { totalCount nodes { at } } }
  consumers { totalCount nodes { execution { id tags } } } } }`;

/** A moment after everything so far and before everything that follows. */
async function moment(): Promise<string> {
  const start = Date.now();
  await expect.poll(() => Date.now(), { interval: 5 }).toBeGreaterThan(start + 20);
  return new Date(start + 15).toISOString();
}

describeEngines("reads as of a time", (engine) => {
  const api = useApi(engine);
  const { change } = changesOf(api);
  const at = async (ref: string, asOf: string | null, after?: string | null): Promise<Seen> =>
    (await api.data<{ version: Seen }>(seen, { ref, asOf, after })).version;
  const refused = (ref: string, asOf: string, actor?: "viewer") => api.refusal(seen, { ref, asOf }, actor);

  describe("as of a time", () => {
    it("tags of versions, artifacts and runs are those of that time", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "m", tags: ["a", "b"] });
      const { run } = await api.publish({ project, tags: ["r"], inputs: [{ version: version.id }] });
      const before = await moment();
      const tags = { add: ["c"], remove: ["a"] };
      const { updatedAt } = (await change("updateVersion", { ref: version.id, tags })).version;
      await change("updateArtifact", { project, name: "m", tags: { add: ["x"] } });
      await api.data(
        "mutation ($input: UpdateExecutionInput!) { updateExecution(input: $input) { execution { id } } }",
        { input: { id: run.id, tags: { add: ["s"], remove: ["r"] } } },
      );
      const then = await at(version.id, before);
      expect([then.tags, then.artifact.tags, then.consumers.nodes[0]?.execution.tags]).toEqual([["a", "b"], [], ["r"]]);
      // Changes at that very time are included.
      expect((await at(version.id, updatedAt)).tags).toEqual(["b", "c"]);
      expect((await at(version.id, new Date(Date.parse(updatedAt) - 1).toISOString())).tags).toEqual(["a", "b"]);
      await change("updateVersion", { ref: version.id, tags: { add: ["a"], remove: ["a", "b"] } });
      expect((await at(version.id, updatedAt)).tags).toEqual(["b", "c"]);
      const now = await at(version.id, null);
      expect([now.tags, now.artifact.tags, now.consumers.nodes[0]?.execution.tags]).toEqual([["a", "c"], ["x"], ["s"]]);
    });

    it("aliases, references and the newest version are those of that time", async () => {
      const project = freshProject();
      const { version: one } = await api.log({ project, name: "m", aliases: ["best"] });
      const first = await moment();
      const { version: two } = await api.log({ project, name: "m", aliases: ["best"], versionName: "gold" });
      const second = await moment();
      await change("removeAlias", { project, name: "m", alias: "best" });
      expect(await at(`${project}/m:best`, first)).toMatchObject({ id: one.id, aliases: ["best"], isLatest: true });
      expect(await at(`${project}/m`, first)).toMatchObject({ id: one.id, artifact: { latest: { id: one.id } } });
      const then = await at(`${project}/m:best`, second);
      expect(then).toMatchObject({ id: two.id, artifact: { aliasHistory: { totalCount: 2 } } });
      expect(then.artifact.aliases).toEqual([{ alias: "best", version: { id: two.id, aliases: ["best"] } }]);
      expect(await at(one.id, second)).toMatchObject({ aliases: [], isLatest: false });
      expect((await at(one.id, first)).artifact.versions).toMatchObject({ totalCount: 1, nodes: [{ id: one.id }] });
      for (const selector of ["gold", "2"])
        expect(await refused(`${project}/m:${selector}`, first)).toMatchObject({ code: "NOT_FOUND" });
      expect(await refused(two.id, first)).toMatchObject({ code: "NOT_FOUND" });
      expect(await refused(`${project}/m:best`, new Date(Date.now()).toISOString())).toMatchObject({
        code: "NOT_FOUND",
      });
      // A move is valid from its own time on.
      const moved = (await at(one.id, null)).artifact.aliasHistory.nodes[1]?.at ?? "";
      expect(await at(`${project}/m:best`, moved)).toMatchObject({ id: two.id });
    });

    it("a version deleted since is still found, also by its digest", async () => {
      const project = freshProject();
      const digest = await api.put(project, project);
      const files = [{ path: "f", digest }];
      const { version } = await api.log({ project, name: "m", files });
      const { run } = await api.publish({ project, inputs: [{ version: version.id }] });
      const before = await moment();
      const { updatedAt } = (await change<{ version: Changed }>("deleteVersion", { ref: version.id, force: true }))
        .version;
      for (const ref of [version.id, digest, version.id.slice(0, 30), `${project}/m`, `${project}/m:1`])
        expect(await at(ref, before)).toMatchObject({ id: version.id, state: "READY", isLatest: true });
      expect(await at(version.id, updatedAt)).toMatchObject({ state: "DELETED", isLatest: false });
      expect(await refused(digest, updatedAt)).toMatchObject({ code: "NOT_FOUND" });
      expect((await at(version.id, before)).consumers).toMatchObject({
        totalCount: 1,
        nodes: [{ execution: { id: run.id } }],
      });
      const { createdAt } = await api.version(version.id);
      expect((await at(version.id, createdAt)).consumers).toEqual({ totalCount: 0, nodes: [] });
    });

    it("a lineage is that of that time, for one root or several, at every granularity and filtered", async () => {
      const project = freshProject();
      const { version: raw } = await api.log({ project, name: "raw", tags: ["keep"] });
      const { version: model } = await api.log({ project, name: "model", inputs: [raw.id] });
      const first = await moment();
      const { version: score } = await api.log({ project, name: "score", inputs: [model.id] });
      await change("updateVersion", { ref: raw.id, tags: { remove: ["keep"] } });
      await change("deleteVersion", { ref: raw.id, force: true });
      type Answer = {
        nodes: { id: string; node: { state?: string; tags?: string[] } }[];
        edges: object[];
        roots: object[];
      };
      const fields =
        "nodes { id node { ... on Version { state tags } } } edges { from to } roots { id state } truncated omitted { depth count }";
      const query = `query ($of: [VersionRef!]!, $asOf: DateTime, $granularity: Granularity, $filter: LineageFilter, $limit: Int) {
        lineage(of: $of, asOf: $asOf, granularity: $granularity, filter: $filter, limit: $limit) { ${fields} } }`;
      const lineage = async (variables: object) =>
        (await api.data<{ lineage: Answer }>(query, { of: [raw.id], ...variables })).lineage;
      const ids = (answer: Answer) => answer.nodes.map(({ id }) => id);
      const versions = { granularity: "VERSION" };
      expect(ids(await lineage(versions))).toEqual([raw.id, model.id, score.id]);
      const then = await lineage({ ...versions, asOf: first });
      expect(then.nodes).toEqual([
        { id: raw.id, node: { state: "READY", tags: ["keep"] } },
        { id: model.id, node: { state: "READY", tags: [] } },
      ]);
      expect(then).toMatchObject({
        edges: [{ from: raw.id, to: model.id }],
        roots: [{ id: raw.id, state: "READY" }],
        truncated: false,
      });
      expect(await lineage({ ...versions, asOf: first, limit: 1 })).toMatchObject({
        truncated: true,
        omitted: [{ depth: 1, count: 1 }],
      });
      const kept = {
        asOf: first,
        of: [model.id],
        filter: { tag: { eq: "keep" }, state: { eq: "READY" } },
        ...versions,
      };
      expect(ids(await lineage(kept))).toEqual([model.id, raw.id]);
      expect(ids(await lineage({ ...kept, asOf: null }))).toEqual([model.id]);
      expect((await lineage({ asOf: first, granularity: "ARTIFACT" })).nodes).toHaveLength(2);
      const nested = `query ($ref: VersionRef!, $asOf: DateTime, $other: DateTime) {
        version(ref: $ref, asOf: $asOf) { lineage { ${fields} } other: lineage(asOf: $other) { ${fields} } } }`;
      const one = await api.data<{ version: Record<string, Answer> }>(nested, {
        ref: raw.id,
        asOf: first,
        other: raw.createdAt,
      });
      expect(one.version.lineage).toEqual(await lineage({ asOf: first }));
      expect(one.version.other?.nodes).toEqual([{ id: raw.id, node: { state: "READY", tags: ["keep"] } }]);
      const future = new Date(Date.now() + 60_000).toISOString();
      for (const refusal of [
        api.refusal(query, { of: [raw.id], asOf: future }),
        api.refusal(nested, { ref: raw.id, other: future }),
      ])
        expect(await refusal).toMatchObject({ code: "INVALID_INPUT", field: "asOf" });
      expect(await api.refusal(query, { of: [raw.id, score.id], asOf: first })).toMatchObject({ code: "NOT_FOUND" });
      expect(await api.refusal(nested, { ref: model.id, other: raw.createdAt })).toMatchObject({ code: "NOT_FOUND" });
    });

    it("pages as of a time continue as of that time, and their cursors belong to it", async () => {
      const project = freshProject();
      const { version: one } = await api.log({ project, name: "m" });
      const { version: two } = await api.log({ project, name: "m" });
      const then = await moment();
      await api.log({ project, name: "m" });
      const page = await at(one.id, then);
      expect(page.artifact.versions).toMatchObject({ totalCount: 2, nodes: [{ id: two.id }] });
      const cursor = page.artifact.versions.pageInfo.endCursor;
      expect((await at(one.id, then, cursor)).artifact.versions).toMatchObject({ nodes: [{ id: one.id }] });
      expect(await api.refusal(seen, { ref: one.id, after: cursor })).toMatchObject({
        code: "INVALID_INPUT",
        field: "after",
      });
    });

    it("a request with several times reads each field in one statement per time", async () => {
      const project = freshProject();
      const { version: one } = await api.log({ project, name: "m", tags: ["a"] });
      const first = await moment();
      await change("updateVersion", { ref: one.id, tags: { add: ["b"] } });
      const query = `query ($ref: VersionRef!, $first: DateTime) {
        before: version(ref: $ref, asOf: $first) { tags } again: version(ref: $ref, asOf: $first) { tags } now: version(ref: $ref) { tags } }`;
      api.statements();
      expect(await api.data(query, { ref: one.id, first })).toEqual({
        before: { tags: ["a"] },
        again: { tags: ["a"] },
        now: { tags: ["a", "b"] },
      });
      expect(api.statements().filter((name) => name === "field/tags")).toHaveLength(2);
    });

    it("a malformed or future time is refused, and there is nothing before the first write", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "m" });
      const future = new Date(Date.now() + 60_000).toISOString();
      expect(await refused(version.id, future)).toMatchObject({ code: "INVALID_INPUT", field: "asOf" });
      for (const none of [
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31",
      ])
        expect(await refused(version.id, none)).toMatchObject({ code: "BAD_USER_INPUT" });
      for (const long of ["1970-01-01T00:00:00Z", new Date(Date.parse(version.createdAt) - 1).toISOString()])
        expect(await refused(`${project}/m`, long)).toMatchObject({ code: "NOT_FOUND" });
      expect(await refused(version.id, version.createdAt, "viewer")).toMatchObject({ code: "FORBIDDEN" });
    });
  });
});
