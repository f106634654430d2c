import { beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { startRun } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Listed {
  nodes: { name: string }[];
  pageInfo: { endCursor: string | null };
}
type List = "versions" | "artifacts" | "runs";
type Term = { field: string; direction?: string; key?: string };

const named: Record<List, string> = { versions: "name: versionName", artifacts: "name", runs: "name" };
function query(list: List): string {
  const type = list[0]?.toUpperCase() + list.slice(1, -1);
  return `query ($project: String!, $orderBy: [${type}Order!], $first: Int, $after: String) {
    ${list}(filter: { project: { eq: $project } }, orderBy: $orderBy, first: $first, after: $after) {
      nodes { ${named[list]} } pageInfo { endCursor } } }`;
}

/** Terms with the names in their order, as a pattern: equal items in either order, missing values last in both directions. */
const cases: Record<List, [Term, string][]> = {
  // a to d are logged in this order; a, c and d are versions of one artifact, b of another. The changes below follow.
  versions: [
    [{ field: "CREATED_AT" }, "d c b a"],
    [{ field: "CREATED_AT", direction: "ASC" }, "a b c d"],
    [{ field: "UPDATED_AT" }, "b d c a"],
    [{ field: "NUMBER" }, "d c [ab] [ab]"],
    [{ field: "SIZE" }, "c a [bd] [bd]"],
    [{ field: "SIZE", direction: "ASC" }, "a c [bd] [bd]"],
    [{ field: "METADATA", key: "deep.score" }, "b c a d"],
    [{ field: "METADATA", key: "deep.score", direction: "ASC" }, "c b a d"],
  ],
  artifacts: [
    [{ field: "NAME" }, "ä b B"],
    [{ field: "NAME", direction: "ASC" }, "B b ä"],
    [{ field: "CREATED_AT", direction: "ASC" }, "b ä B"],
    [{ field: "CREATED_AT", direction: "DESC" }, "B ä b"],
    [{ field: "UPDATED_AT" }, "ä B b"],
  ],
  runs: [
    [{ field: "CREATED_AT", direction: "ASC" }, "b a d c"],
    [{ field: "NAME", direction: "ASC" }, "a b c d"],
    [{ field: "NAME", direction: "DESC" }, "d c b a"],
    [{ field: "STATUS", direction: "ASC" }, "b a d c"],
    [{ field: "STARTED_AT", direction: "ASC" }, "d b a c"],
    [{ field: "ENDED_AT", direction: "DESC" }, "b d a c"],
    [{ field: "METADATA", key: "who.name" }, "d b [ac] [ac]"],
    [{ field: "METADATA", key: "who.name", direction: "ASC" }, "b d [ac] [ac]"],
    [{ field: "PARAMETER", key: "lr" }, "a b d c"],
    [{ field: "METRIC", key: "auc", direction: "ASC" }, "d a b c"],
  ],
};

describeEngines("order", (engine) => {
  const api = useApi(engine);
  const projects: Record<List, string> = { versions: freshProject(), artifacts: freshProject(), runs: freshProject() };
  const { change } = changesOf(api);
  const list = async (of: List, orderBy?: Term[], more: object = {}): Promise<Listed> =>
    (await api.data<Record<List, Listed>>(query(of), { project: projects[of], orderBy, ...more }))[of];
  const order = (listed: Listed) => listed.nodes.map((item) => item.name).join(" ");

  const fillVersions = async () => {
    const project = projects.versions;
    const where = (size: number) => ({ location: "s3://b/x", size });
    await api.log({ project, name: "m", versionName: "a", ...where(5), metadata: { deep: { score: "text" } } });
    const { version } = await api.log({ project, name: "l", versionName: "b", metadata: { deep: { score: 10 } } });
    await api.log({ project, name: "m", versionName: "c", ...where(30), metadata: { deep: { score: 9 } } });
    await api.log({ project, name: "m", versionName: "d" });
    await change("updateVersion", { ref: version.id, description: "later" });
  };
  const fillArtifacts = async () => {
    for (const name of ["b", "ä", "B"]) await api.log({ project: projects.artifacts, name });
    await change<object>("updateArtifact", { project: projects.artifacts, name: "ä", tags: { add: ["later"] } });
  };
  const fillRuns = async () => {
    const project = projects.runs;
    const at = (minute: number) => `2026-01-31T12:0${minute}:00.000Z`;
    const publish = (name: string, status: string, from: number, to: number, more: object) =>
      api.publish({ project, name, status, startedAt: at(from), endedAt: at(to), ...more });
    await publish("b", "CANCELED", 2, 9, {
      metadata: { who: { name: "Ada" } },
      parameters: { lr: 0.1 },
      metrics: { auc: 0.9 },
    });
    await publish("a", "COMPLETED", 3, 4, { parameters: { lr: 2 }, metrics: { auc: 0.6 } });
    await publish("d", "FAILED", 1, 5, {
      metadata: { who: { name: "Ö" } },
      parameters: { lr: "auto" },
      metrics: { auc: -1 },
    });
    await api.data(startRun, { input: { project, name: "c", status: "QUEUED" } });
  };

  beforeAll(async () => {
    await fillVersions();
    await fillArtifacts();
    await fillRuns();
  });

  describe.each(Object.entries(cases) as [List, [Term, string][]][])("the order of %s", (of, terms) => {
    it.each(terms.map(([term, expected]) => [Object.values(term).join(" "), term, expected] as const))(
      "items are ordered by %s",
      async (_name, term, expected) => {
        expect(order(await list(of, [term]))).toMatch(new RegExp(`^${expected}$`));
      },
    );

    it("pages continue in any order", async () => {
      for (const [term, expected] of terms) {
        const whole = await list(of, [term]);
        const seen: { name: string }[] = [];
        for (let after: string | null = null; seen.length < whole.nodes.length; ) {
          const page = await list(of, [term], { first: 1, after });
          expect(page.nodes, `${expected} after ${seen.length}`).toHaveLength(1);
          seen.push(...page.nodes);
          after = page.pageInfo.endCursor;
        }
        expect(seen).toEqual(whole.nodes);
      }
    });

    it("a cursor of another order is refused", async () => {
      const [[one], [two]] = terms as [[Term, string], [Term, string]];
      const { endCursor: after } = (await list(of, [one], { first: 1 })).pageInfo;
      const variables = { project: projects[of], orderBy: [two], first: 1, after };
      expect(await api.refusal(query(of), variables)).toMatchObject({ code: "INVALID_INPUT", field: "after" });
    });
  });

  it("an order takes several terms, one after the other", async () => {
    const name = { field: "NAME", direction: "ASC" };
    expect(order(await list("versions", [name, { field: "NUMBER", direction: "ASC" }]))).toBe("b a c d");
    expect(order(await list("versions", [{ ...name, direction: "DESC" }, { field: "NUMBER" }]))).toBe("d c a b");
  });

  it("an order by a keyed field requires a key, and other fields refuse one", async () => {
    for (const [of, term] of [
      ["versions", { field: "METADATA" }],
      ["versions", { field: "SIZE", key: "x" }],
      ["runs", { field: "METRIC" }],
    ] as const)
      expect(await api.refusal(query(of), { project: projects[of], orderBy: [term] })).toMatchObject({
        code: "INVALID_INPUT",
        field: "orderBy[0].key",
      });
  });
});
