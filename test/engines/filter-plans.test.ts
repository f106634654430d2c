import neo4j from "neo4j-driver";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";
import { bulkVersions } from "../support/bulk-versions.ts";
import { workOf } from "../support/plans.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";

const list = `query ($filter: VersionFilter, $orderBy: [VersionOrder!]) {
  versions(filter: $filter, orderBy: $orderBy, first: 10) { nodes { id } } }`;
const engine = engines[1];
const count = 3_000;
/** Operators that read all versions. */
const scans =
  /^(AllNodesScan|NodeByLabelScan|IntersectionNodeByLabelsScan|UnionNodeByLabelsScan|NodeIndexScan|DirectedAllRelationshipsScan|DirectedRelationshipTypeScan|UndirectedRelationshipTypeScan)/;

/** Puts one version into a stage. */
const hold: Statement<{ project: string; stage: string }, never> = {
  name: "hold",
  text: `MATCH (v:Version {key: $project + '/artifact-0:7'})
    CREATE (:Holder {place: v.artifactKey + ':' + $stage, project: $project, artifactKey: v.artifactKey, stage: $stage, version: v.id, number: v.number})`,
};

describe.skipIf(engine.missing)("query plans of filters on Neo4j", () => {
  const project = freshProject();
  const asked: { text: string; params: Params }[] = [];
  let service: TestService;
  let graph: GraphStore;
  const address = inject("neo4j");
  const driver = neo4j.driver(
    address?.uri ?? "bolt://none",
    address?.user ? neo4j.auth.basic(address.user, address.password ?? "") : undefined,
  );

  beforeAll(async () => {
    graph = engine.open();
    const listening: GraphStore = {
      ...graph,
      read: (statement, params) => {
        if (statement.name.startsWith("list/")) asked.push({ text: statement.text, params });
        return graph.read(statement, params);
      },
    };
    service = await startTestService(engine, {}, { graph: listening });
    await bulkVersions(graph, project, count);
    await graph.write((tx) => tx.run(hold, { project, stage: `${project}-stage` }));
    await driver.executeQuery("CALL db.awaitIndexes(60)");
    await driver.executeQuery("CALL db.prepareForReplanning(60)");
  }, 120_000);
  afterAll(async () => {
    await service?.close();
    await driver.close();
  });

  /** The profiled plan of the list with a filter. */
  const planOf = async (
    filter: object,
    orderBy?: object[],
  ): Promise<{ text: string; operators: string[]; hits: number; rows: number }> => {
    asked.length = 0;
    await service.data(list, { filter, orderBy });
    const [statement] = asked;
    if (!statement) throw new Error("nothing was read");
    const limit = neo4j.int(Number(statement.params.limit));
    const { records, summary } = await driver.executeQuery(`PROFILE ${statement.text}`, { ...statement.params, limit });
    return { text: statement.text, ...workOf(summary), rows: records.length };
  };

  const cases: [string, object][] = [
    ["project and artifact", { project: { eq: project }, artifact: { eq: "artifact-7" } }],
    ["a tag", { tag: { eq: `${project}-tag-7` } }],
    ["a tag in a project", { project: { eq: project }, tag: { eq: `${project}-tag-7` } }],
    ["a label", { labels: [{ key: "owner", value: { eq: `${project}-owner-7` } }] }],
    [
      "an alias in a project and artifact",
      { project: { eq: project }, artifact: { eq: "artifact-0" }, alias: { eq: "champion-7" } },
    ],
    ["an alias", { alias: { eq: "champion-7" } }],
    ["a stage", { stage: { eq: `${project}-stage` } }],
    [
      "a stage in a project and artifact",
      { project: { eq: project }, artifact: { eq: "artifact-0" }, stage: { eq: `${project}-stage` } },
    ],
    ["a digest", { digest: { eq: `sha256:${"7".padStart(64, "0")}` } }],
    ["a span of time", { createdAt: { gte: new Date(7_000).toISOString(), lt: new Date(17_000).toISOString() } }],
    [
      "a span of time in a project",
      {
        project: { eq: project },
        createdAt: { gte: new Date(7_000).toISOString(), lt: new Date(17_000).toISOString() },
      },
    ],
    ["a number range of a metadata key", { metadata: [{ key: `${project}.score`, gte: 7, lt: 17 }] }],
    ["a number of a metadata key", { project: { eq: project }, metadata: [{ key: `${project}.score`, eq: 7 }] }],
    ["a text of a metadata key", { metadata: [{ key: `${project}.name`, eq: "name 7" }] }],
    ["two of these nested by and", { and: [{ tag: { eq: `${project}-tag-7` } }, { project: { eq: project } }] }],
  ];

  it.each(cases)("a filter by %s seeks in an index", async (_name, filter) => {
    const plan = await planOf(filter);
    expect(plan.rows).toBeGreaterThan(0);
    expect(
      plan.operators.filter((name) => scans.test(name)),
      plan.operators.join(" "),
    ).toEqual([]);
    expect(plan.hits).toBeLessThan(count);
  });

  it("a filter by stage reads its holders once, because they may move between two reads", async () => {
    const { text } = await planOf({ and: [{ stage: { eq: `${project}-stage` } }], project: { eq: project } });
    expect(text.match(/:Holder/g)).toHaveLength(1);
  });

  it("the newest versions of a project are found without reading all of them", async () => {
    const plan = await planOf({ project: { eq: project } });
    expect(plan.operators.filter((name) => scans.test(name))).toEqual([]);
    expect(plan.hits, plan.operators.join(" ")).toBeLessThan(count);
  });
});
