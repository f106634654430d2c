import { beforeAll, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const float = (value: string) => ({ $type: "FLOAT", value });
const integer = (value: string) => ({ $type: "INTEGER", value });

/** Numbers in their order; those in one list are equal. */
const numbers: unknown[][] = [
  [float("-Infinity")],
  [-1e300],
  [integer("-14352311879382049835")],
  [integer("-9007199254740993")],
  [-(2 ** 53)],
  [-1.5],
  [0],
  [5e-324],
  [0.1],
  [1, { $type: "FLOAT", value: 1 }, { $type: "STORAGE_SIZE", value: 1 }],
  [2 ** 53 - 1],
  [2 ** 53, integer("9007199254740992")],
  [integer("9007199254740993")],
  [9007199254740994],
  [integer("9007199254740995")],
  [integer("14352311879382049834")],
  [integer("14352311879382049835")],
  [1e300],
  [float("Infinity")],
];
const texts = ["", "1", "NaN"];
const others = [true, null, [1], {}];
const values = numbers.flat();
const rankOf = new Map(numbers.flatMap((equal, rank) => equal.map((value) => [value, rank] as const)));

const operators: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
};

describeEngines("numbers", (engine) => {
  const api = useApi(engine);
  const project = freshProject();
  const all = [...values, ...texts, float("NaN"), ...others];
  /** The name of the artifact with each value, and of one without any. */
  const names = new Map(all.map((value, i) => [value, `a${String(i).padStart(2, "0")}`]));
  const expected = (keep: (rank: number) => boolean) =>
    values.filter((value) => keep(rankOf.get(value) ?? -1)).map((value) => names.get(value));

  beforeAll(async () => {
    await api.log({ project, name: "none" });
    for (const [value, name] of names) await api.log({ project, name, metadata: { x: value } });
  });

  const query = `query ($filter: VersionFilter, $orderBy: [VersionOrder!], $first: Int, $after: String) {
    versions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      nodes { artifact { name } } pageInfo { endCursor hasNextPage } } }`;
  interface Found {
    versions: { nodes: { artifact: { name: string } }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
  }
  const find = async (filter: object, more: object = {}) => {
    const found = await api.data<Found>(query, {
      filter: { project: { eq: project }, ...filter },
      first: 500,
      ...more,
    });
    return { names: found.versions.nodes.map(({ artifact }) => artifact.name), ...found.versions.pageInfo };
  };

  it.each(Object.entries(operators))(
    "a filter with %s compares every number with every number",
    async (operator, holds) => {
      for (const value of values) {
        const rank = rankOf.get(value) ?? -1;
        const found = await find({ metadata: [{ key: "x", [operator]: value }] });
        expect([value, found.names.sort()]).toEqual([value, expected((other) => holds(other, rank))]);
      }
    },
  );

  it.each(Object.entries(operators))("a gate with %s compares as the filter does", async (operator, holds) => {
    const gates = values.map((value, i) => ({
      name: `g${i}`,
      metadata: { key: "x", op: operator.toUpperCase(), value },
    }));
    const define = "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
    await api.data(define, { input: { project, name: operator, exclusive: false, gates } });
    const promote = "mutation ($input: PromoteInput!) { promote(input: $input) { gates { name passed } } }";
    for (const [value, name] of names) {
      const input = { version: `${project}/${name}`, stage: operator, dryRun: true };
      const { promote: result } = await api.data<{ promote: { gates: { passed: boolean }[] } }>(promote, { input });
      const own = rankOf.get(value);
      const passed = values.map((other) => own !== undefined && holds(own, rankOf.get(other) ?? -1));
      expect([value, result.gates.map((gate) => gate.passed)]).toEqual([value, passed]);
    }
  });

  it.each(["ASC", "DESC"])(
    "an order %s has numbers first, then texts, NaN and what has none, page by page",
    async (direction) => {
      const found: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const page = await find({}, { first: 7, after, orderBy: [{ field: "METADATA", key: "x", direction }] });
        found.push(...page.names);
        [after, more] = [page.endCursor, page.hasNextPage];
      }
      expect(found).toHaveLength(names.size + 1);
      const ranks = found.slice(0, values.length).map((name) => {
        const value = values.find((item) => names.get(item) === name);
        return rankOf.get(value);
      });
      const sorted = values.map((value) => rankOf.get(value) ?? -1);
      expect(ranks).toEqual(direction === "ASC" ? sorted : sorted.toReversed());
      const textNames = texts.map((text) => names.get(text));
      const rest = found.slice(values.length);
      expect(rest.slice(0, 3)).toEqual(direction === "ASC" ? textNames : textNames.toReversed());
      expect(rest[3]).toBe(names.get(all.find((value) => JSON.stringify(value) === JSON.stringify(float("NaN")))));
    },
  );

  it("a comparison tells the exact difference of long whole numbers, and none from an infinity or NaN", async () => {
    const compare = "query ($of: [VersionRef!]!) { compareVersions(of: $of) { metadata { key changes } } }";
    const changes = async (...of: unknown[]) => {
      const refs = of.map(
        (value) => `${project}/${names.get(all.find((item) => JSON.stringify(item) === JSON.stringify(value)))}`,
      );
      const found = await api.data<{ compareVersions: { metadata: { changes: unknown[] }[] } }>(compare, { of: refs });
      return found.compareVersions.metadata[0]?.changes;
    };
    const [a, b] = [integer("14352311879382049834"), integer("14352311879382049835")];
    expect(await changes(a, b, a, 1)).toEqual([0, 1, 0, Number(1n - 14352311879382049834n)]);
    expect(await changes(2 ** 53 - 1, integer("9007199254740993"))).toEqual([0, 2]);
    expect(await changes(1, float("Infinity"), float("NaN"), "1")).toEqual([0, null, null, null]);
  });

  it("a gate finds that infinity is neither minus infinity nor a list of null", async () => {
    const gates = [[null], float("-Infinity")].map((value, i) => ({
      name: `g${i}`,
      metadata: { key: "x", op: "EQ", value },
    }));
    const define = "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
    await api.data(define, { input: { project, name: "minus", exclusive: false, gates } });
    const promote = "mutation ($input: PromoteInput!) { promote(input: $input) { gates { passed } } }";
    const input = { version: `${project}/${names.get(values.at(-1))}`, stage: "minus", dryRun: true };
    expect(await api.data(promote, { input })).toEqual({ promote: { gates: [{ passed: false }, { passed: false }] } });
  });
});
