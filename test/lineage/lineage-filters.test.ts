import { beforeAll, describe, expect, it } from "vitest";
import { type ActorName, useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Lineage {
  nodes: { id: string; depth: number; node: { __typename: string } }[];
  edges: { from: string; to: string; kind: string }[];
  truncated: boolean;
  omitted: { depth: number; count: number | null }[];
}
const fields = "nodes { id depth node { __typename } } edges { from to kind } truncated omitted { depth count }";
const parameters =
  "$direction: Direction, $depth: Int, $granularity: Granularity, $limit: Int, $filter: LineageFilter, $stopAt: LineageFilter";
const given =
  "direction: $direction, depth: $depth, granularity: $granularity, limit: $limit, filter: $filter, stopAt: $stopAt";
const byQuery = `query ($of: [VersionRef!]!, ${parameters}) { lineage(of: $of, ${given}) { ${fields} } }`;
const byVersion = `query ($ref: VersionRef!, ${parameters}) { version(ref: $ref) { lineage(${given}) { ${fields} } } }`;

/** Which nodes a filter keeps, field by field, and where a walk stops. */
describeEngines("lineage filters", (engine) => {
  const api = useApi(engine);
  // raw → load → table → fit → model → use (of another project and pipeline) → answer → rate (failed) → score
  const ids: Record<string, string> = {};
  const [project, elsewhere] = [freshProject(), freshProject()];
  const things = ["raw", "load", "table", "fit", "model", "use", "answer", "rate", "score"];
  const executions = ["load", "fit", "use", "rate"];
  const nameOf = (id: string) => Object.keys(ids).find((name) => ids[name] === id) ?? id;
  const named = ({ nodes }: Lineage) => nodes.map(({ id }) => nameOf(id)).sort();
  const without = (...names: string[]) => things.filter((name) => !names.includes(name)).sort();

  const publish = async (input: object) => {
    const { run } = await api.publish(input);
    for (const step of run.steps.nodes) {
      ids[step.name] = step.id;
      for (const { version } of step.outputs.nodes) ids[version.uri.replace(/.*\/(.*):\d+$/, "$1")] = version.id;
    }
  };
  const walk = async (args: object, of = "raw", actor?: ActorName) =>
    (await api.data<{ lineage: Lineage }>(byQuery, { of: [ids[of]], direction: "DOWNSTREAM", ...args }, actor)).lineage;

  beforeAll(async () => {
    const metadata = { rows: 10, owner: { team: "blue" } };
    ids.raw = (await api.log({ project, name: "raw", kind: "DATASET", tags: ["source"], metadata })).version.id;
    await publish({
      project,
      pipeline: "daily",
      steps: [
        {
          name: "load",
          inputs: [{ version: ids.raw }],
          outputs: [{ name: "table", kind: "DATASET", tags: ["clean"] }],
        },
        { name: "fit", inputs: [{ step: "load" }], outputs: [{ name: "model", kind: "MODEL", metadata: { rows: 3 } }] },
      ],
    });
    await publish({
      project: elsewhere,
      pipeline: "weekly",
      steps: [
        { name: "use", inputs: [{ version: ids.model }], outputs: [{ name: "answer", kind: "DATASET" }] },
        { name: "rate", status: "FAILED", inputs: [{ step: "use" }], outputs: [{ name: "score" }] },
      ],
    });
  });

  const cases: [string, object, string[]][] = [
    ["kind", { kind: { eq: "MODEL" } }, ["raw", "model", ...executions]],
    ["kinds", { kind: { in: ["MODEL", "ARTIFACT"] } }, ["raw", "model", "score", ...executions]],
    ["artifact", { artifact: { startsWith: "s" } }, ["raw", "score", ...executions]],
    ["tag", { tag: { eq: "clean" } }, ["raw", "table", ...executions]],
    ["state", { state: { in: ["DELETED"] } }, ["raw", ...executions]],
    ["metadata", { metadata: [{ key: "rows", lt: 5 }] }, ["raw", "model", ...executions]],
    ["status", { status: { eq: "FAILED" } }, without("load", "fit", "use")],
    ["statuses", { status: { in: ["COMPLETED"] } }, without("rate")],
    ["pipeline", { pipeline: { eq: "weekly" } }, without("load", "fit")],
    ["project", { project: { contains: "p" } }, things],
    ["a time", { createdAt: { gt: "1970-01-01T00:00:00Z" } }, things],
    ["a time to come", { createdAt: { gte: "2999-01-01T00:00:00Z" } }, ["raw"]],
    ["and", { and: [{ kind: { eq: "DATASET" } }, { status: { eq: "FAILED" } }] }, ["raw", "table", "answer", "rate"]],
    ["or", { or: [{ kind: { eq: "MODEL" } }, { pipeline: { eq: "weekly" } }] }, ["raw", "model", "use", "rate"]],
    ["not", { not: { kind: { eq: "DATASET" } } }, without("table", "answer")],
    ["not of what speaks of executions", { not: { status: { eq: "FAILED" } } }, without("rate")],
    ["nothing", {}, things],
    ["none of nothing", { not: { and: [{}, { or: [{}] }] } }, things],
    ["one of none", { or: [] }, ["raw"]],
  ];
  it.each(cases)(
    "a lineage filter by %s hides what does not match, but neither what lies beyond it nor the roots",
    async (_name, filter, shown) => {
      const answer = await walk({ filter });
      expect(named(answer)).toEqual([...shown].sort());
      const whole = await walk({});
      const kept = new Set(answer.nodes.map(({ id }) => id));
      expect(answer.edges).toEqual(whole.edges.filter(({ from, to }) => kept.has(from) && kept.has(to)));
      expect(answer.nodes).toEqual(whole.nodes.filter(({ id }) => kept.has(id)));
      const { version } = await api.data<{ version: { lineage: Lineage } }>(byVersion, {
        ...{ ref: ids.raw, direction: "DOWNSTREAM", filter },
      });
      expect(version.lineage).toEqual(answer);
    },
  );

  const stops: [string, object, string[]][] = [
    ["kind", { kind: { eq: "MODEL" } }, ["raw", "load", "table", "fit", "model"]],
    ["kind of the roots too", { kind: { eq: "DATASET" } }, ["raw", "load", "table"]],
    ["status", { status: { eq: "FAILED" } }, without("score")],
    ["pipeline", { pipeline: { eq: "weekly" } }, ["raw", "load", "table", "fit", "model", "use"]],
    ["tag", { tag: { eq: "clean" } }, ["raw", "load", "table"]],
    ["metadata", { metadata: [{ key: "rows", exists: true }] }, ["raw", "load", "table", "fit", "model"]],
    [
      "not of executions alone",
      { not: { pipeline: { eq: "daily" } } },
      ["raw", "load", "table", "fit", "model", "use"],
    ],
    ["or of both", { or: [{ artifact: { eq: "score" } }, { status: { eq: "FAILED" } }] }, without("score")],
    ["nothing", {}, things],
    ["what nothing is", { artifact: { eq: "nobody" } }, things],
  ];
  it.each(stops)("stopAt %s shows the match and goes no further", async (_name, stopAt, shown) => {
    const answer = await walk({ stopAt });
    expect(named(answer)).toEqual([...shown].sort());
    const { version } = await api.data<{ version: { lineage: Lineage } }>(byVersion, {
      ...{ ref: ids.raw, direction: "DOWNSTREAM", stopAt },
    });
    expect(version.lineage).toEqual(answer);
  });

  it("a lineage filter by project hides the other project, and stopAt ends where it begins", async () => {
    const filter = { project: { eq: elsewhere } };
    expect(named(await walk({ filter }))).toEqual(["answer", "rate", "raw", "score", "use"]);
    expect(named(await walk({ stopAt: filter }))).toEqual(["fit", "load", "model", "raw", "table", "use"]);
    expect(named(await walk({ stopAt: filter, filter }))).toEqual(["raw", "use"]);
    expect(named(await walk({ stopAt: filter, filter, direction: "BOTH" }, "score"))).toEqual(["rate", "score"]);
  });

  it("a lineage filter hides at every granularity, and versions are joined only over visible executions", async () => {
    const derived = async (args: object) => {
      const { nodes, edges } = await walk({ granularity: "VERSION", ...args });
      return [
        nodes.map(({ id, depth }) => [nameOf(id), depth]),
        edges.map(({ from, to }) => [nameOf(from), nameOf(to)]),
      ];
    };
    expect(await derived({ filter: { kind: { in: ["DATASET"] } } })).toEqual([
      [
        ["raw", 0],
        ["table", 1],
        ["answer", 3],
      ],
      [["raw", "table"]],
    ]);
    const [nodes, edges] = await derived({ filter: { status: { eq: "COMPLETED" } } });
    expect(nodes).toHaveLength(5);
    expect(new Set(edges?.map(String))).toEqual(new Set(["raw,table", "table,model", "model,answer"]));
    const artifacts = await walk({ granularity: "ARTIFACT", filter: { kind: { eq: "MODEL" } } });
    expect(artifacts.nodes.map(({ depth, node }) => [depth, node.__typename])).toEqual([
      [0, "Artifact"],
      [2, "Artifact"],
    ]);
  });

  it("only visible nodes count against the limit of a lineage", async () => {
    const filter = { kind: { eq: "DATASET" }, status: { eq: "FAILED" } };
    const whole = await walk({ filter, limit: 4 });
    expect([named(whole), whole.truncated, whole.omitted]).toEqual([["answer", "rate", "raw", "table"], false, []]);
    const cut = await walk({ filter, limit: 2 });
    expect([named(cut), cut.truncated]).toEqual([["raw", "table"], true]);
    expect(cut.omitted).toEqual([
      { depth: 3, count: 1 },
      { depth: 4, count: null },
    ]);
    const stopped = await walk({ stopAt: { kind: { eq: "MODEL" } }, limit: 3 });
    expect(stopped.omitted).toEqual([{ depth: 2, count: 2 }]);
    expect((await walk({ filter, stopAt: filter, depth: 1 })).truncated).toBe(false);
  });

  describe("filters and permissions", () => {
    const { open, secret } = api.projects;
    beforeAll(async () => {
      ids.given = (await api.log({ project: open, name: "given" })).version.id;
      const outputs = [{ name: "kept", kind: "MODEL", tags: ["mark"], metadata: { mark: 1 } }];
      await publish({
        ...{ project: secret, pipeline: "hidden" },
        steps: [{ name: "keep", status: "FAILED", inputs: [{ version: ids.given }], outputs }],
      });
      await publish({
        project: open,
        steps: [{ name: "show", inputs: [{ version: ids.kept }], outputs: [{ name: "shown", kind: "MODEL" }] }],
      });
    });

    it.each<object>([
      { kind: { eq: "DATASET" } },
      { not: { kind: { eq: "MODEL" } } },
      { project: { eq: secret } },
      { not: { project: { eq: secret } } },
      { tag: { eq: "mark" } },
      { metadata: [{ key: "mark", eq: 1 }] },
      { status: { eq: "FAILED" } },
      { pipeline: { eq: "hidden" } },
      { or: [] },
    ])("a lineage filter reveals nothing that may not be read: %j", async (filter) => {
      const hidden = (answer: Lineage) =>
        answer.nodes.filter(({ node }) => node.__typename === "Restricted").map(({ id }) => nameOf(id));
      expect(hidden(await walk({ filter }, "given", "viewer"))).toEqual(["keep", "kept"]);
      const stopped = await walk({ stopAt: filter, direction: "DOWNSTREAM", depth: 2 }, "given", "viewer");
      expect(hidden(stopped)).toEqual(["keep", "kept"]);
      expect(named(stopped)).toContain("show");
    });

    it("a lineage filter matches for those who may read the node", async () => {
      const filter = { kind: { eq: "MODEL" }, status: { eq: "FAILED" } };
      expect(named(await walk({ filter }, "given", "both"))).toEqual(["given", "keep", "kept", "shown"]);
      expect(named(await walk({ stopAt: filter }, "given", "both"))).toEqual(["given", "keep"]);
    });
  });

  it("a lineage filter with too many conditions or levels is refused", async () => {
    const deep = Array.from({ length: 25 }).reduce<object>((not) => ({ not }), {});
    for (const filter of [deep, { and: Array.from({ length: 501 }, () => ({ kind: { eq: "MODEL" } })) }]) {
      for (const args of [{ filter }, { stopAt: filter }]) {
        const refused = await api.refusal(byQuery, { of: [ids.raw], ...args });
        expect(refused).toMatchObject({ code: "TOO_COMPLEX" });
      }
    }
  });
});
