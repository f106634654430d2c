import { expect, it } from "vitest";
import { callsOf, onEngines, times, tokensByRole, updateArtifact } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

interface Changed {
  updateArtifact: { artifact: { id: string; tags: string[]; description: string | null; updatedAt: string } };
}
const names = "query ($filter: ArtifactFilter!) { artifacts(filter: $filter) { nodes { name } } }";

onEngines("updateArtifact", (service) => {
  const change = async (project: string, more: object) =>
    (await service().data<Changed>(updateArtifact, { input: { project, name: "m", ...more } })).updateArtifact.artifact;
  const found = async (filter: object) =>
    (await service().data<{ artifacts: { nodes: { name: string }[] } }>(names, { filter })).artifacts.nodes.map(
      ({ name }) => name,
    );

  it("an artifact's description can be set and cleared, and searches see the change at once", async () => {
    const project = freshProject();
    await callsOf(service()).log({ project, name: "m" });
    expect((await change(project, { description: "Счёт" })).description).toBe("Счёт");
    expect(await found({ project: { eq: project }, text: "счё" })).toEqual(["m"]);
    expect((await change(project, { tags: { add: ["x"] } })).description).toBe("Счёт");
    expect((await change(project, { description: null })).description).toBeNull();
    expect(await found({ project: { eq: project }, text: "счё" })).toEqual([]);
    expect(await found({ project: { eq: project }, text: "M" })).toEqual(["m"]);
  });

  it("8 parallel writers each keep their tag of an artifact, once, and its updatedAt grows", async () => {
    const project = freshProject();
    const calls = callsOf(service());
    await calls.log({ project, name: "m" });
    const before = await change(project, { tags: { add: ["old"] } });
    await times(8, (i) => change(project, { tags: { add: [`t${i}`, "same"], remove: ["old"] } }));
    const { tags, updatedAt } = await calls.artifact(project, "m");
    expect(tags).toEqual(["same", ...Array.from({ length: 8 }, (_, i) => `t${i}`)]);
    expect(updatedAt > before.updatedAt).toBe(true);
    expect(await found({ project: { eq: project }, tag: { eq: "same" } })).toEqual(["m"]);
    expect(await found({ project: { eq: project }, tag: { eq: "old" } })).toEqual([]);
    const filter = { project: { eq: project }, tag: { eq: "same" } };
    const versions = "query ($filter: VersionFilter!) { versions(filter: $filter) { totalCount } }";
    expect(await service().data(versions, { filter })).toEqual({ versions: { totalCount: 0 } });
  });

  it("updateArtifact refuses invalid tags and unknown artifacts", async () => {
    const project = freshProject();
    await callsOf(service()).log({ project, name: "m" });
    const refused = (more: object) => service().refusal(updateArtifact, { input: { project, name: "m", ...more } });
    expect(await refused({ tags: { add: [""] } })).toMatchObject({ code: "INVALID_INPUT", field: "tags.add[0]" });
    expect(await refused({ tags: { add: ["x".repeat(10_000)] } })).toMatchObject({ code: "TOO_LARGE" });
    expect(await refused({ name: "none", tags: { add: ["x"] } })).toMatchObject({ code: "NOT_FOUND" });
  });
});

onEngines(
  "permission for updateArtifact",
  (service) => {
    it("updateArtifact requires the role contributor", async () => {
      const project = freshProject();
      await callsOf(service()).log({ project, name: "m" }, "contributor");
      const input = { project, name: "m", tags: { add: ["x"] } };
      expect(await service().refusal(updateArtifact, { input }, "viewer")).toMatchObject({ code: "FORBIDDEN" });
      await service().data(updateArtifact, { input }, "contributor");
    });
  },
  tokensByRole(),
);
