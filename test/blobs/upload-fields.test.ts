import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const fields = `id state size partSize digest error expiresAt
  parts { number size url headers { key value } uploaded etag }`;
const createUpload = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { ${fields} } } }`;
const completeUpload = `mutation ($input: CompleteUploadInput!) { completeUpload(input: $input) { upload { ${fields} } } }`;
const abortUpload = "mutation ($input: IdInput!) { abortUpload(input: $input) { id } }";
const upload = `query ($id: ID!) { upload(id: $id) { ${fields} } }`;
const node = `query ($id: ID!) { node(id: $id) { ... on Upload { ${fields} } } }`;

type Upload = { id: string; state: string; parts: { number: number; url: string }[] };

/** Uploads are tested on the disk and on S3 elsewhere; here each field of the schema occurs once. */
describeEngines("uploads", (engine) => {
  const api = useApi(engine);
  const begin = async (input: object) =>
    (await api.data<{ createUpload: { upload: Upload } }>(createUpload, { input })).createUpload.upload;

  it("an upload is created, filled by parts, completed and read back", async () => {
    const digest = `sha256:${createHash("sha256").update("hello").digest("hex")}`;
    const begun = await begin({ project: freshProject(), size: 5, partSize: 5, digest });
    const { id } = begun;
    const sent = await api.http(begun.parts[0]?.url ?? "", { method: "PUT", body: "hello" });
    const etag = sent.headers.get("etag");
    const open = { id, state: "OPEN", parts: [{ number: 1, size: 5, uploaded: true, etag: JSON.parse(etag ?? "") }] };
    expect(await api.data(upload, { id })).toMatchObject({ upload: open });
    expect(await api.data(node, { id })).toMatchObject({ node: open });
    const input = { id, parts: [{ number: 1, etag }] };
    expect(await api.data(completeUpload, { input })).toMatchObject({
      completeUpload: { upload: { id, state: "COMPLETE", digest, size: 5, partSize: 5, error: null, parts: [] } },
    });
  });

  it("an upload says that it is being verified, and why it failed", async () => {
    const { id } = await begin({ project: freshProject(), size: 5 });
    const beatAt = Date.now() + 3_600_000;
    await api.meddle("MATCH (u:Entity {id: $id}) SET u.state = 'VERIFYING', u.beatAt = $beatAt", { id, beatAt });
    expect(await api.data(upload, { id })).toMatchObject({ upload: { state: "VERIFYING" } });
    await api.meddle("MATCH (u:Entity {id: $id}) SET u.state = 'OPEN'", { id });
    expect(await api.data(abortUpload, { input: { id } })).toEqual({ abortUpload: { id } });
    expect(await api.data(upload, { id })).toMatchObject({ upload: { state: "FAILED", error: "it was aborted" } });
  });
});
