import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { TestService } from "../support/service.ts";

export const mebibyte = 2 ** 20;
export const partSize = 5 * mebibyte;
export function sha256(bytes: Buffer) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export interface Part {
  number: number;
  size: number;
  url: string;
  headers: { key: string; value: string }[];
  uploaded: boolean;
  etag: string | null;
}
export interface Upload {
  id: string;
  state: string;
  size: number;
  partSize: number;
  digest: string | null;
  error: string | null;
  expiresAt: string;
  parts: Part[];
}
const fields =
  "id state size partSize digest error expiresAt parts { number size url headers { key value } uploaded etag }";
export const create = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) { upload { ${fields} } } }`;
export const complete = `mutation ($input: CompleteUploadInput!) { completeUpload(input: $input) { upload { ${fields} } } }`;
export const abort = "mutation ($input: IdInput!) { abortUpload(input: $input) { id } }";
export const byId = `query ($id: ID!) { upload(id: $id) { ${fields} } }`;

export type Door = Pick<TestService, "url" | "data" | "refusal">;
export async function begin(service: Door, input: object, token?: string): Promise<Upload> {
  return (await service.data<{ createUpload: { upload: Upload } }>(create, { input }, token)).createUpload.upload;
}
export async function look(service: Door, id: string, token?: string): Promise<Upload | null> {
  return (await service.data<{ upload: Upload | null }>(byId, { id }, token)).upload;
}
export async function finish(service: Door, id: string, parts: object[]): Promise<Upload> {
  return (await service.data<{ completeUpload: { upload: Upload } }>(complete, { input: { id, parts } })).completeUpload
    .upload;
}

export function send(service: Door, part: Part, bytes: Buffer, token?: string): Promise<Response> {
  return fetch(new URL(part.url, service.url), {
    method: "PUT",
    headers: {
      ...Object.fromEntries(part.headers.map(({ key, value }) => [key, value])),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: bytes,
  });
}
export function sliceOf(bytes: Buffer, number: number) {
  return bytes.subarray((number - 1) * partSize, number * partSize);
}
export async function sendAll(
  service: Door,
  upload: Upload,
  bytes: Buffer,
): Promise<{ number: number; etag: string }[]> {
  return Promise.all(
    upload.parts.map(async (part) => {
      const answer = await send(service, part, sliceOf(bytes, part.number));
      expect(answer.status).toBe(200);
      return { number: part.number, etag: answer.headers.get("etag") ?? "" };
    }),
  );
}
