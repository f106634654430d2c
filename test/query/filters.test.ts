import { beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { startRun } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";
import {
  type Artifact,
  artifactCases,
  digest,
  type Run,
  runCases,
  type Version,
  versionCases,
} from "./filter-cases.ts";

const versionsQuery = `query ($filter: VersionFilter) { versions(filter: $filter, first: 500) { totalCount nodes {
  id number kind state versionName description tags author createdAt updatedAt size digest artifact { name project { name } } } } }`;
const runsQuery = `query ($filter: RunFilter) { runs(filter: $filter, first: 500) { totalCount nodes {
  id name key pipeline status tags author startedAt endedAt project { name } } } }`;
const artifactsQuery = `query ($filter: ArtifactFilter) { artifacts(filter: $filter, first: 500) { totalCount groups { kind count } nodes {
  id name kind createdAt updatedAt project { name } } } }`;

describeEngines("filters", (engine) => {
  const api = useApi(engine);
  const { open } = api.projects;
  const everything = { versions: [] as Version[], runs: [] as Run[], artifacts: [] as Artifact[] };
  const mine = (field: string) => ({ project: { eq: open }, [field]: { startsWith: "filter" } });
  const versions = async (filter: object) =>
    (await api.data<{ versions: { nodes: Version[]; totalCount: number } }>(versionsQuery, { filter })).versions;
  const runs = async (filter: object) =>
    (await api.data<{ runs: { nodes: Run[]; totalCount: number } }>(runsQuery, { filter })).runs;
  const artifacts = async (filter: object) =>
    (
      await api.data<{
        artifacts: { nodes: Artifact[]; totalCount: number; groups: { kind: string; count: number }[] };
      }>(artifactsQuery, { filter })
    ).artifacts;

  beforeAll(async () => {
    const at = (minute: number) => `2026-01-31T12:0${minute}:00.000Z`;
    const where = (letter: string, size: number) => ({ location: `s3://b/${letter}`, digest: digest(letter), size });
    await api.log({
      project: open,
      name: "filter/eins",
      kind: "MODEL",
      versionName: "v-one",
      tags: ["red"],
      ...where("a", 100),
    });
    await api.log({ project: open, name: "filter/eins", tags: ["red", "blue"], description: "Größe" }, "contributor");
    await api.log({ project: open, name: "filter/zwei", kind: "TABLE", ...where("b", 300) });
    const { version } = await api.log({ project: open, name: "filter/drei", kind: "TABLE", tags: ["blue"] });
    await api.meddle("MATCH (v:Version {id: $id}) SET v.state = 'DELETED', v.updatedAt = v.updatedAt + 5", {
      id: version.id,
    });
    await api.publish({
      project: open,
      name: "filter-a",
      pipeline: "wöchentlich",
      startedAt: at(1),
      endedAt: at(2),
      tags: ["nightly"],
    });
    await api.publish(
      { project: open, name: "filter-b", startedAt: at(3), endedAt: at(4), status: "FAILED" },
      "contributor",
    );
    await api.publish({
      project: open,
      name: "filter-c",
      key: "key-c",
      pipeline: "other",
      startedAt: at(5),
      endedAt: at(6),
      tags: ["nightly", "x"],
    });
    await api.data(startRun, { input: { project: open, name: "filter-d", status: "QUEUED" } });
    await api.log({ project: freshProject(), name: "filter/eins" });
    everything.versions = (await versions({ ...mine("artifact"), state: { in: ["READY", "DELETED"] } })).nodes;
    everything.runs = (await runs(mine("name"))).nodes;
    everything.artifacts = (await artifacts(mine("name"))).nodes;
  });

  it("the sample versions, runs and artifacts exist", () => {
    expect([everything.versions.length, everything.runs.length, everything.artifacts.length]).toEqual([4, 4, 3]);
  });

  const check = <T extends { id: string }>(
    found: { nodes: T[]; totalCount: number },
    all: T[],
    keeps: (item: T, all: T[]) => boolean,
  ): void => {
    const expected = all.filter((item) => keeps(item, all));
    expect(found.nodes.map((item) => item.id)).toEqual(expected.map((item) => item.id));
    expect(found.totalCount).toBe(expected.length);
  };

  describe("filters of versions", () => {
    it.each(versionCases)("versions filtered by %s are those expected, newest first", async (_name, filter, keeps) => {
      const all = everything.versions;
      const asked = filter(all);
      const stated = JSON.stringify(asked).includes('"state"');
      check(
        await versions({ ...mine("artifact"), and: [asked] }),
        all,
        (item) => keeps(item, all) && (stated || item.state === "READY"),
      );
      expect(all.some((item) => keeps(item, all))).toBe(true);
    });
  });

  describe("filters of runs", () => {
    it.each(runCases)("runs filtered by %s are those expected, newest first", async (_name, filter, keeps) => {
      const all = everything.runs;
      check(await runs({ ...mine("name"), and: [filter(all)] }), all, keeps);
      expect(all.some((item) => keeps(item, all))).toBe(true);
    });
  });

  describe("filters of artifacts", () => {
    it.each(artifactCases)(
      "artifacts filtered by %s are those expected, newest first, with groups by kind",
      async (_name, filter, keeps) => {
        const all = everything.artifacts;
        const found = await artifacts({ ...mine("name"), and: [filter(all)] });
        check(found, all, keeps);
        const kinds = found.nodes.map((item) => item.kind);
        expect(found.groups).toEqual(
          [...new Set(kinds)].sort().map((kind) => ({ kind, count: kinds.filter((other) => other === kind).length })),
        );
        expect(found.nodes.length).toBeGreaterThan(0);
      },
    );
  });

  it("an empty `or` and an empty `in` match nothing", async () => {
    for (const filter of [{ or: [] }, { kind: { in: [] } }, { artifact: { in: [] } }])
      expect(await versions({ ...mine("artifact"), and: [filter] })).toEqual({ nodes: [], totalCount: 0 });
  });

  it("projects are filtered by name", async () => {
    const [one, two] = [freshProject(), freshProject()];
    for (const project of [one, two]) {
      await api.log({ project, name: "a" });
      await api.publish({ project });
    }
    for (const ask of [versions, runs, artifacts]) {
      const names = async (project: object) =>
        [
          ...new Set(
            (await ask({ project })).nodes.map((item) =>
              "artifact" in item ? item.artifact.project.name : item.project.name,
            ),
          ),
        ].sort();
      expect(await names({ in: [one, two] })).toEqual([one, two].sort());
      expect(await names({ eq: one })).toEqual([one]);
      expect(await names({ startsWith: two.slice(0, 12) })).toEqual([two]);
    }
  });
});
