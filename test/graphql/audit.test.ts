import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines, startTestService, type TestService } from "../support/service.ts";

describe("GraphQL over HTTP, as its specification's audit wants it", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(engines[0]);
  });
  afterAll(() => service?.close());

  const audits = serverAudits({ url: () => `${service.url}/graphql` });
  it.each(audits.map((audit) => [audit.name, audit] as const))("%s", async (_name, audit) => {
    expect(await audit.fn()).toMatchObject({ status: "ok" });
  });

  it("is all of it", () => {
    expect(audits).toHaveLength(61);
  });
});
