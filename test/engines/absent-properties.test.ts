import fc from "fast-check";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { versionRow } from "../../src/domain/core/version-row.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { builtStatement, nullable } from "../../src/ports/statement.ts";
import { describeEngines, freshProject } from "../support/service.ts";
import { cleared, say } from "../support/walks.ts";

/** A schema with the values that an engine may return for it; `isAbsent` says whether a property of this schema may be left out. */
interface Sample {
  schema: v.GenericSchema;
  values: fc.Arbitrary<unknown>;
  mayBeAbsent: boolean;
}

const leaf: fc.Arbitrary<Sample> = fc.constantFrom(
  { schema: v.number(), values: fc.integer(), mayBeAbsent: false },
  { schema: v.string(), values: fc.string(), mayBeAbsent: false },
  { schema: v.picklist(["a", "b"]), values: fc.constantFrom("a", "b"), mayBeAbsent: false },
);

function toObject(samples: Record<string, Sample>): Sample & { entries: v.ObjectEntries } {
  const entries = Object.fromEntries(Object.entries(samples).map(([key, { schema }]) => [key, schema]));
  const values = Object.fromEntries(Object.entries(samples).map(([key, sample]) => [key, sample.values]));
  const requiredKeys = Object.keys(samples).filter((key) => !samples[key]?.mayBeAbsent);
  return {
    schema: v.object(entries),
    values: fc.record(values, { requiredKeys, noNullPrototype: true }),
    mayBeAbsent: false,
    entries,
  };
}

const keys = fc.constantFrom("a", "b", "c", "d", "e");

const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.dictionary(keys, tie("sample"), { noNullPrototype: true }).map(toObject),
    tie("sample").map(({ schema, values }) => ({
      schema: v.array(schema),
      values: fc.array(values, { maxLength: 3 }),
      mayBeAbsent: false,
    })),
    tie("sample").map(({ schema, values }) => ({
      schema: nullable(schema),
      values: fc.option(values),
      mayBeAbsent: true,
    })),
  ),
}));

const row = fc.dictionary(keys, sample, { noNullPrototype: true }).map(toObject);

describe("nulls of a row", () => {
  it("absent properties become null at every depth and nothing else changes, as in a full parse", () => {
    const rows = row.chain(({ entries, values }) => values.map((value) => ({ entries, value })));
    let filled = 0;
    fc.assert(
      fc.property(rows, ({ entries, value }) => {
        const { fillNulls } = builtStatement("test", "", entries);
        const actual = structuredClone(value);
        fillNulls?.(actual);
        expect(actual).toStrictEqual(v.parse(v.object(entries), value));
        if (JSON.stringify(actual) !== JSON.stringify(value)) filled += 1;
      }),
      { numRuns: 500 },
    );
    expect(filled).toBeGreaterThan(50);
  });

  it("a row without optional properties is not searched for absent ones", () => {
    const entries = { id: v.string(), items: v.array(v.object({ id: v.string() })) };
    expect(builtStatement("test", "", entries).fillNulls).toBeNull();
  });
});

describeEngines("a version without optional properties", (engine) => {
  let store: GraphStore;
  const project = freshProject();
  const id = `${project}/v`;
  beforeAll(async () => {
    // As in production: checked rows would get their nulls from the check.
    store = await engine.open(false);
    const create = say<{ id: string; project: string }, never>(
      `CREATE (:Entity:Version {id: $id, key: $id, project: $project, artifactKey: $project + '/a', artifact: 'a', number: 1, kind: 'DATASET',
        state: 'READY', metadata: '{}', author: 'ann', createdAt: 1, updatedAt: 1})`,
    );
    await store.write((tx) => tx.run(create, { id, project }));
  });
  afterAll(async () => {
    await store?.write((tx) => tx.run(cleared, { project }));
    await store?.close();
  });

  const find = builtStatement(
    "test",
    `MATCH (v:Version {id: $id})
     RETURN v {.*} AS version, [v {.*}] AS versions, {version: v {.*}} AS nested, head([]) AS absent`,
    {
      version: versionRow,
      versions: v.array(versionRow),
      nested: v.object({ version: versionRow }),
      absent: nullable(versionRow),
    },
  );

  it.each([
    ["read", () => store.read(find, { id })],
    ["write transaction", () => store.write((tx) => tx.run(find, { id }))],
  ])("a version without optional properties has null for each of them in a %s", async (_way, run) => {
    const [found] = await run();
    expect(found?.absent).toBeNull();
    const versions = [found?.version, ...(found?.versions ?? []), found?.nested.version];
    expect(versions).toHaveLength(3);
    for (const version of versions) {
      expect(version).toMatchObject({ id, number: 1, size: null, digest: null, location: null, description: null });
      expect(Object.keys(version ?? {}).sort()).toEqual(Object.keys(versionRow.entries).sort());
      expect(Object.values(version ?? {})).not.toContain(undefined);
    }
  });
});
