import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { callsOf, onEngines } from "../support/calls.ts";
import { artifacts, type Corpus, type Known, makeCorpus } from "./corpus.ts";
import { versionFilters } from "./filter-arbitraries.ts";
import { inOrder, keeps, speaksOfState, type Term } from "./plain-filter.ts";

interface Page {
  versions: {
    nodes: { id: string }[];
    totalCount?: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}
const list = `query ($filter: VersionFilter, $orderBy: [VersionOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  versions(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
const counted = "query ($filter: VersionFilter) { versions(filter: $filter, first: 1) { nodes { id } totalCount } }";
const newest: Term[] = [{ field: "CREATED_AT", direction: "DESC" }];

onEngines("random filters of versions", (service, engine) => {
  let corpus: Corpus;
  beforeAll(async () => {
    corpus = await makeCorpus(service(), 60);
  }, 120_000);
  const own = (filter: object = {}) => ({ and: [filter], project: { eq: corpus.project } });
  const found = async (variables: object): Promise<string[]> =>
    (await service().data<Page>(list, { first: 500, ...variables })).versions.nodes.map(({ id }) => id);
  const expected = (filter: object, terms: Term[] = newest): string[] =>
    corpus.versions
      .filter((known) => (speaksOfState(filter) || known.state === "READY") && keeps(filter, known))
      .sort(inOrder(terms))
      .map(({ id }) => id);
  const check = async (filter: object): Promise<void> => {
    expect(await found({ filter: own(filter) }), JSON.stringify(filter)).toEqual(expected(filter));
  };
  const pageOf = async (forward: boolean, size: number, variables: object, cursor: string | null) => {
    const where = forward ? { first: size, after: cursor } : { last: size, before: cursor };
    const { nodes, pageInfo } = (await service().data<Page>(list, { ...variables, ...where })).versions;
    const more = forward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    const next = forward ? pageInfo.endCursor : pageInfo.startCursor;
    return { ids: nodes.map(({ id }) => id), next: more ? next : null };
  };
  /** All items of a list, page by page; `between` runs before each page but the first. */
  const pagesOf = async (
    forward: boolean,
    size: number,
    variables: object,
    between = async (_seen: number): Promise<unknown> => undefined,
  ): Promise<string[]> => {
    const pages: string[][] = [];
    for (let cursor: string | null = null; cursor || !pages.length; ) {
      if (cursor) await between(pages.length);
      const { ids, next } = await pageOf(forward, size, variables, cursor);
      pages.push(ids);
      cursor = next;
    }
    return (forward ? pages : pages.reverse()).flat();
  };

  it("random filters, four levels deep, keep what plain code keeps", { timeout: 120_000 }, async () => {
    const numRuns = engine.name === "grafeo" ? 200 : 100;
    await fc.assert(fc.asyncProperty(versionFilters(corpus.versions), check), { numRuns });
  });

  it("filters that hold always, or never, keep everything, or nothing", async () => {
    const never = { not: {} };
    const listed = { metadata: [{ key: "a", in: ["null", 1] }], tag: { in: ["gold"] } };
    const nested = { or: [never, { number: { gt: 1 }, metadata: [], not: listed }] };
    for (const filter of [
      { not: { and: [nested, { not: never }] } },
      { and: [nested, { or: [{}, listed] }] },
      { or: [never, { and: [] }, listed] },
      { not: { or: [], not: listed } },
      { consumedBy: {}, tag: { eq: "gold" } },
      { producedBy: { run: {}, pipeline: {} }, size: {} },
    ])
      await check(filter);
  });

  it("a filter compares metadata only with values of the same type", async () => {
    const calls = callsOf(service());
    const { project, versions } = corpus;
    const values = [
      5,
      "5",
      5.5,
      true,
      "true",
      null,
      "null",
      [5],
      { $type: "STORAGE_SIZE", value: 5 },
      { $type: "URI", value: "5" },
      { $type: "FLOAT", value: "NaN" },
      "NaN",
    ];
    const ids = new Map<number, string>();
    for (const [i, value] of values.entries())
      ids.set(i, (await calls.log({ project, name: "typed", metadata: { typed: value } })).id);
    const which = async (comparison: object) => {
      const kept = await found({ filter: own({ metadata: [{ key: "typed", ...comparison }] }) });
      return [...ids].filter(([, id]) => kept.includes(id)).map(([i]) => i);
    };
    expect(await which({ eq: 5 })).toEqual([0, 8]);
    expect(await which({ eq: "5" })).toEqual([1, 9]);
    expect(await which({ gt: 4 })).toEqual([0, 2, 8]);
    expect(await which({ gt: "4" })).toEqual([1, 4, 6, 9, 11]);
    expect(await which({ lt: 6, gte: 5.5 })).toEqual([2]);
    expect(await which({ eq: true })).toEqual([3]);
    expect(await which({ eq: null })).toEqual([5]);
    expect(await which({ eq: [5] })).toEqual([7]);
    expect(await which({ in: [5, "true", false] })).toEqual([0, 4, 8]);
    expect(await which({ gt: true })).toEqual([]);
    expect(await which({ exists: true })).toHaveLength(values.length);
    expect(versions.length).toBe(60);
    expect(await which({ eq: { $type: "FLOAT", value: "NaN" } })).toEqual([10]);
    expect(await which({ eq: { $type: "URI", value: "5" } })).toContain(9);
    expect(await which({ eq: { $type: "STORAGE_SIZE", value: 5 } })).toContain(8);
    await service().data(
      'mutation ($project: String!) { deleteArtifact(input: { project: $project, name: "typed" }) { artifact { id } } }',
      { project },
    );
  });

  it("a filter compares the whole of a long text", async () => {
    const calls = callsOf(service());
    const { project } = corpus;
    const long = "x".repeat(1_500);
    const { id } = await calls.log({ project, name: "typed", metadata: { long } });
    expect(await found({ filter: own({ metadata: [{ key: "long", eq: long }] }) })).toEqual([id]);
    expect(await found({ filter: own({ metadata: [{ key: "long", eq: `${long}y` }] }) })).toEqual([]);
    await calls.remove(id);
  });

  it("versions are ordered by each field in both directions, missing values last, and by several fields", async () => {
    const listed = { state: { in: ["READY"] }, not: { artifact: { eq: "typed" } } };
    const fields = ["CREATED_AT", "UPDATED_AT", "NUMBER", "NAME", "SIZE"].map((field) => ({ field }));
    const all = [...fields, ...["a", "n.x", "d\\.k", "missing"].map((key) => ({ field: "METADATA", key }))];
    const orders = all.flatMap((term) =>
      (["ASC", "DESC"] as const).map((direction): Term[] => [{ ...term, direction }]),
    );
    orders.push([
      { field: "NAME", direction: "ASC" },
      { field: "METADATA", key: "a", direction: "DESC" },
      { field: "SIZE", direction: "ASC" },
      { field: "NUMBER", direction: "DESC" },
    ]);
    for (const orderBy of orders) {
      const all = await found({ filter: own(listed), orderBy });
      expect(all, JSON.stringify(orderBy)).toEqual(expected(listed, orderBy));
      const pages = await pagesOf(false, 13, { filter: own(listed), orderBy });
      expect(pages, JSON.stringify(orderBy)).toEqual(all);
    }
  });

  it("pages return every item of the first page's time once, forward and backward, while others are logged", async () => {
    const calls = callsOf(service());
    const orders: Term[][] = [
      newest,
      [{ field: "NAME", direction: "ASC" }],
      [{ field: "METADATA", key: "a", direction: "DESC" }],
    ];
    const there = new Set(await found({ filter: own() }));
    for (const orderBy of orders) {
      for (const forward of [true, false]) {
        const seen = await pagesOf(forward, 9, { filter: own(), orderBy }, (page) =>
          calls.log({ project: corpus.project, name: artifacts[page % 4], tags: ["late"], metadata: { a: page } }),
        );
        expect(new Set(seen).size).toBe(seen.length);
        expect(new Set(seen.filter((id) => there.has(id)))).toEqual(there);
      }
    }
  });

  it("cursors of another query, order or type are refused, and malformed ones too", async () => {
    const filter = own();
    const { endCursor } = (await service().data<Page>(list, { filter, first: 3 })).versions.pageInfo;
    const refused = (variables: object) => service().refusal(list, variables);
    const wrong = { code: "INVALID_INPUT", field: "after" };
    expect(await refused({ filter: own({ tag: { eq: "gold" } }), first: 3, after: endCursor })).toMatchObject(wrong);
    expect(await refused({ filter, orderBy: [{ field: "NAME" }], first: 3, after: endCursor })).toMatchObject(wrong);
    expect(await refused({ filter, first: 3, after: "nonsense" })).toMatchObject(wrong);
    expect(await refused({ filter, last: 3, before: "nonsense" })).toMatchObject({
      code: "INVALID_INPUT",
      field: "before",
    });
    const others =
      "query ($filter: ArtifactFilter, $after: String) { artifacts(filter: $filter, after: $after) { nodes { id } } }";
    expect(await service().refusal(others, { filter, after: endCursor })).toMatchObject(wrong);
    expect(await refused({ filter, first: 501 })).toMatchObject({ code: "INVALID_INPUT", field: "first" });
    expect(await refused({ filter, first: 1, last: 1 })).toMatchObject({ code: "INVALID_INPUT" });
    expect(await refused({ filter, orderBy: [{ field: "METADATA" }] })).toMatchObject({ code: "INVALID_INPUT" });
    expect(await refused({ filter, orderBy: [{ field: "NAME", key: "a" }] })).toMatchObject({ code: "INVALID_INPUT" });
  });

  it("items are counted only when totalCount is asked for", async () => {
    service().statements();
    await service().data(list, { filter: own() });
    expect(service().statements()).toEqual(["list/version"]);
    const all = await found({ filter: own() });
    service().statements();
    const answer = await service().data<Page>(counted, { filter: own() });
    expect(answer.versions.totalCount).toBe(all.length);
    expect(service().statements().sort()).toEqual(["list/count-version", "list/version"]);
  });

  it("texts are ordered by code points", async () => {
    const calls = callsOf(service());
    const names = ["ｚ", "\u{1F600}", "z", "Z", "é"];
    for (const text of names) await calls.log({ project: corpus.project, name: "points", metadata: { text } });
    const filter = own({ artifact: { eq: "points" } });
    const query =
      "query ($filter: VersionFilter, $orderBy: [VersionOrder!]) { versions(filter: $filter, orderBy: $orderBy) { nodes { metadata } } }";
    const texts = async (more: object, orderBy: Term[]) =>
      (
        await service().data<{ versions: { nodes: Pick<Known, "metadata">[] } }>(query, {
          filter: { ...filter, ...more },
          orderBy,
        })
      ).versions.nodes.map(({ metadata }) => metadata.text);
    const orderBy: Term[] = [{ field: "METADATA", key: "text", direction: "ASC" }];
    expect(await texts({}, orderBy)).toEqual(["Z", "z", "é", "ｚ", "\u{1F600}"]);
    expect(await texts({ metadata: [{ key: "text", gt: "ｚ" }] }, orderBy)).toEqual(["\u{1F600}"]);
  });
});
