import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { leak, useApi } from "../support/api.ts";
import { publishRun, version } from "../support/documents.ts";
import { describeEngines, freshProject, startTestService } from "../support/service.ts";

/** What an internal error reveals, and what not. */
describeEngines("internal errors", (engine) => {
  const api = useApi(engine);
  const project = freshProject();

  it("an internal error of a read reveals only an id to report", async () => {
    const { version: broken } = await api.log({ project: freshProject(), name: "broken" });
    await api.meddle("MATCH (v:Version {id: $id}) SET v.metadata = '{not json'", { id: broken.id });
    const answer = await api.ask(version, { ref: broken.id });
    const [error] = answer.errors ?? [];
    expect(error?.extensions).toEqual({ code: "INTERNAL", id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(error?.message).toContain(String(error?.extensions.id));
    expect(JSON.stringify(answer)).not.toMatch(leak);
    const response = await api.http(`/versions/${broken.id}/files/x`);
    const problem = (await response.json()) as object;
    expect([response.status, response.headers.get("content-type")]).toEqual([
      500,
      expect.stringContaining("application/problem+json"),
    ]);
    expect(problem).toMatchObject({ code: "INTERNAL", id: expect.any(String) });
    expect(JSON.stringify(problem)).not.toMatch(leak);
  });

  it("an internal error of a write reveals only an id to report, whatever its message", async () => {
    const secret = "MATCH (v) failed in /home/someone/src/secret.ts:5:7";
    const newId = () => {
      if (failing) throw new Error(secret, { cause: secret });
      return randomUUID();
    };
    let failing = false;
    const service = await startTestService(api.engine, {}, { newId });
    const put = (body: string) => fetch(`${service.url}/blobs?project=${freshProject()}`, { method: "PUT", body });
    expect((await put("fine")).status).toBe(201);
    failing = true;
    const answer = await service.ask(publishRun, { input: { project, name: "fails" } });
    const stored = await put("x");
    failing = false;
    expect(answer.errors?.[0]?.extensions).toEqual({ code: "INTERNAL", id: expect.any(String) });
    expect(stored.status).toBe(500);
    for (const text of [JSON.stringify(answer), await stored.text()]) expect(text).not.toMatch(/secret|MATCH|cause/);
    await service.close();
    expect(await api.inventory(project)).toMatchObject({ project: null, runs: { totalCount: 0 } });
  });
});
