import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines, startTestService, type TestService } from "../support/service.ts";

describe("the audit of GraphQL over HTTP", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(engines[0]);
  });
  afterAll(() => service?.close());

  const audits = serverAudits({ url: () => `${service.url}/graphql` });
  it.each(audits.map((audit) => [audit.name, audit] as const))(
    "the service passes the audit %s",
    async (_name, audit) => {
      expect(await audit.fn()).toMatchObject({ status: "ok" });
    },
  );

  it("the service passes every audit of the specification", () => {
    expect(audits).toHaveLength(61);
  });
});
