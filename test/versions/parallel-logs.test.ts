import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const log =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id uri number createdAt } } }";
type Logged = {
  logVersion: { created: boolean; version: { id: string; uri: string; number: number; createdAt: string } };
};

describeEngines("parallel logVersion calls", (engine) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(engine);
  });
  afterAll(() => service?.close());

  it("64 parallel versions of one artifact are numbered 1 to 64, later numbers with later times", async () => {
    const input = { project: freshProject(), name: "model" };
    const answers = await Promise.all(Array.from({ length: 64 }, () => service.data<Logged>(log, { input })));
    const versions = answers.map((answer) => answer.logVersion.version).sort((a, b) => a.number - b.number);
    expect(versions.map((version) => version.number)).toEqual(Array.from({ length: 64 }, (_, i) => i + 1));
    const times = versions.map((version) => version.createdAt);
    expect(new Set(times).size).toBe(64);
    expect([...times].sort()).toEqual(times);
  });

  it("the same key and content return the same version, and other content is refused", async () => {
    const input = { project: freshProject(), name: "model", key: "k", metadata: { b: 1, a: 2 } };
    const first = await service.data<Logged>(log, { input });
    const again = await service.data<Logged>(log, { input: { ...input, metadata: { a: 2, b: 1 } } });
    expect(again.logVersion).toMatchObject({
      created: false,
      version: { id: first.logVersion.version.id, number: 1 },
    });
    expect(await service.refusal(log, { input: { ...input, metadata: { a: 3 } } })).toMatchObject({
      code: "CONFLICT",
    });
  });
});
