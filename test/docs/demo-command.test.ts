import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { queriesFor } from "../../demo/queries.ts";
import { engines, startTestService } from "../support/service.ts";

describe("npm run demo", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const demo = (env: Record<string, string>, ...args: string[]) =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "demo/main.ts", ...args], {
      cwd: root,
      env: { ...process.env, PEDIGREE_URL: "", PEDIGREE_TOKEN: "", ...env },
    });

  it("npm run demo starts a service when none answers, prints queries to try, and stops it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-demo-"));
    try {
      const { stdout } = await demo({ PORT: "0", PEDIGREE_DATA: folder }, "--once");
      const url = /Started a service at (http\S+)/.exec(stdout)?.[1];
      expect(stdout).toContain(`Open ${url}/graphiql/`);
      for (const { query } of queriesFor("weather")) expect(stdout).toContain(query);
      await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("npm run demo keeps its service running until Ctrl-C", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-demo-"));
    const env = { ...process.env, PEDIGREE_URL: "", PORT: "0", PEDIGREE_DATA: folder };
    const child = spawn(process.execPath, ["--import", "tsx", "demo/main.ts"], { cwd: root, env });
    const exited = once(child, "exit");
    try {
      let said = "";
      for await (const chunk of child.stdout) {
        said += chunk;
        if (said.includes("Ctrl-C")) break;
      }
      const url = /Started a service at (http\S+)/.exec(said)?.[1];
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      child.kill("SIGINT");
      expect(await exited).toEqual([0, null]);
      await expect(fetch(`${url}/health/live`)).rejects.toThrow();
    } finally {
      child.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("npm run demo uses the service at PEDIGREE_URL with the token, and leaves it running", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pedigree-demo-"));
    const tokens = join(folder, "tokens.json");
    const sha256 = createHash("sha256").update("secret").digest("hex");
    await writeFile(tokens, JSON.stringify([{ sha256, actor: "ada", role: "contributor", projects: ["*"] }]));
    const [embedded] = engines;
    const service = await startTestService(embedded, { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: tokens });
    try {
      const env = { PEDIGREE_URL: service.url };
      await expect(demo(env)).rejects.toThrow(/a token is required.*PEDIGREE_TOKEN/);
      const { stdout } = await demo({ ...env, PEDIGREE_TOKEN: "secret" }, "--project", "sky");
      expect(stdout).toContain(`Using the service at ${service.url}\n`);
      expect(stdout).toContain("left out: it takes the role maintainer");
      const { version } = await service.data<{ version: object }>(
        `{ version(ref: "sky/model") { number author } }`,
        {},
        "secret",
      );
      expect(version).toEqual({ number: 2, author: "ada" });
    } finally {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("npm run demo reports that nothing answers at PEDIGREE_URL", async () => {
    await expect(demo({ PEDIGREE_URL: "http://127.0.0.1:1" })).rejects.toThrow("nothing answers at PEDIGREE_URL");
  });
});
