import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { startProcess } from "../support/process.ts";
import { freshProject } from "../support/service.ts";
import { begin, finish, look, partSize, sendAll, sha256 } from "./upload-calls.ts";

describe("verification of an upload", () => {
  it("verification of an upload continues after the service was killed", async () => {
    const service = await startProcess({});
    const project = freshProject();
    const bytes = randomBytes(30 * partSize);
    const upload = await begin(service, { project, size: bytes.length, partSize });
    const parts = await sendAll(service, upload, bytes);
    const asked = finish(service, upload.id, parts).catch(() => undefined);
    await expect.poll(async () => (await look(service, upload.id))?.state, { interval: 5 }).not.toBe("OPEN");
    await service.end("SIGKILL");
    await asked;
    await service.start();
    await expect
      .poll(() => look(service, upload.id), { timeout: 30_000 })
      .toMatchObject({ state: "COMPLETE", digest: sha256(bytes) });
  }, 90_000);
});
