import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { logVersion } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

describeEngines("empty texts", (engine) => {
  const api = useApi(engine);

  it("an empty artifact to prune is no artifact, and not all of a project", async () => {
    const project = freshProject();
    await api.log({ project, name: "m" });
    await api.log({ project, name: "m" });
    const prune = "mutation ($input: PruneInput!) { prune(input: $input) { count } }";
    const input = { project, artifact: "", keepLast: 1 };
    expect(await api.refusal(prune, { input })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("an empty key, version name, upload digest or webhook secret is refused, and not taken for none", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "m" });
    const refused = (field: string) => ({ code: "INVALID_INPUT", field });
    expect(await api.refusal(logVersion, { input: { project, name: "m", key: "" } })).toMatchObject(refused("key"));
    const update = "mutation ($input: UpdateVersionInput!) { updateVersion(input: $input) { version { id } } }";
    const input = { ref: version.id, versionName: "" };
    expect(await api.refusal(update, { input })).toMatchObject(refused("versionName"));
    const upload = "mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } } }";
    expect(await api.refusal(upload, { input: { project, size: 5, digest: "" } })).toMatchObject(refused("digest"));
    const webhook = "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret } }";
    const hook = { project, url: "http://127.0.0.1:9/", secret: "" };
    expect(await api.refusal(webhook, { input: hook })).toMatchObject(refused("secret"));
  });

  it("metadata under the empty key can be ordered by", async () => {
    const project = freshProject();
    for (const value of [2, 3, 1]) await api.log({ project, name: `m${value}`, metadata: { "": value } });
    const document = `query ($project: String!) {
      versions(filter: { project: { eq: $project } }, orderBy: [{ field: METADATA, key: "", direction: ASC }]) { nodes { artifact { name } } } }`;
    const { versions } = await api.data<{ versions: { nodes: { artifact: { name: string } }[] } }>(document, {
      project,
    });
    expect(versions.nodes.map(({ artifact }) => artifact.name)).toEqual(["m1", "m2", "m3"]);
  });
});
