import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runMain, startProcess } from "../support/process.ts";
import { freshProject } from "../support/service.ts";

/** Writes a token file with one token that may write to all projects. */
async function tokensOf(token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-tokens-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "tokens.json");
  const sha256 = createHash("sha256").update(token).digest("hex");
  await writeFile(file, JSON.stringify([{ sha256, actor: "ann", role: "contributor", projects: ["*"] }]));
  return file;
}

describe("the command line", () => {
  it.each(["--help", "-h"])("the command line prints its help with %s", async (flag) => {
    const { code, output } = await runMain([flag]);
    expect(code).toBe(0);
    expect(output).toContain("pedigree [serve]");
    expect(output).toContain("PEDIGREE_GRAPH");
  });

  it("an unknown verb is refused, and the known ones are listed", async () => {
    const { code, output } = await runMain(["sevre"]);
    expect(code).toBe(1);
    expect(output).toContain('"sevre"');
    expect(output).toContain("pedigree [serve]");
  });

  it("all problems of the settings are printed, nothing else, and the exit code is 1", async () => {
    const { output, ...ending } = await runMain([], { PORT: "x", LOG_LEVEL: "y", NEO4J_PASSWORD: "hidden" });
    expect(ending).toEqual({ code: 1, signal: null });
    expect(output.trim().split("\n")).toEqual([
      "the settings have 2 problems:",
      "  PORT: must be a whole number from 0 to 65535",
      expect.stringMatching(/^ {2}LOG_LEVEL: /),
    ]);
  });

  it("problems of a token file are printed", async () => {
    const file = await tokensOf("t");
    await writeFile(file, JSON.stringify([{ sha256: "short", actor: "ann", role: "boss", projects: ["*"] }]));
    const { code, output } = await runMain([], { PORT: "0", PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: file });
    expect(code).toBe(1);
    expect(output).toMatch(/0\.sha256: .*\n.*0\.role: /);
  });

  it("the service prints its address and that of GraphiQL", async () => {
    const service = await startProcess();
    expect(service.output()).toContain(`Pedigree is up at ${service.url}\nGraphiQL: ${service.url}/graphiql/\n`);
  });

  it("/graphiql redirects to /graphiql/, and a wrong path or method answers with the right one", async () => {
    const { url } = await startProcess();
    const at = async (path: string, method = "GET") => fetch(`${url}${path}`, { method, redirect: "manual" });
    expect((await at("/graphiql")).headers.get("location")).toBe("/graphiql/");
    expect(await (await at("/versions/a/b/files/c")).json()).toMatchObject({ detail: expect.stringContaining("%2F") });
    expect(await (await at("/blobs", "POST")).json()).toMatchObject({ detail: expect.stringContaining("PUT /blobs") });
  });
});

describe("the log", () => {
  it("the log is one JSON object per line, without tokens and bodies", async () => {
    const token = "a-token-that-nobody-may-see";
    const env = { LOG_LEVEL: "trace", PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: await tokensOf(token) };
    const service = await startProcess(env);
    const input = { project: freshProject(), name: "model", description: "a-text-of-a-body" };
    const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }";
    await service.data(log, { input }, token);
    await service.ask(log, { input }, "a-wrong-token");
    const stranger = await fetch(`${service.url}/blobs/sha256:00?project=p`, {
      headers: { authorization: "Bearer a-wrong-token" },
    });
    expect(stranger.status).toBe(401);
    await fetch(`${service.url}/blobs/sha256:00?project=p`, { headers: { authorization: `Bearer ${token}` } });
    const { output } = await service.end("SIGTERM");
    const lines = output.split("\n").filter((line) => line && !/^(Pedigree is up at|GraphiQL:) /.test(line));
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    expect(lines.map((line) => JSON.parse(line).req?.url)).toContain("/graphql");
    for (const hidden of [token, "a-wrong-token", "a-text-of-a-body"]) expect(output).not.toContain(hidden);
  });

  it("the log can be silenced", async () => {
    const service = await startProcess({ LOG_LEVEL: "silent" });
    await service.data("{ __typename }");
    const { output } = await service.end("SIGTERM");
    expect(output.trim().split("\n")).toHaveLength(2);
  });
});
