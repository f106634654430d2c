import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines } from "../support/service.ts";
import { createPermitted } from "./permitted.ts";
import { permittedReadTests } from "./permitted-reads.ts";
import { permittedWriteTests } from "./permitted-writes.ts";

/** Roles by project, and what callers see of projects that they may not read. */
describeEngines("permissions", (engine) => {
  const api = useApi(engine);
  const permitted = createPermitted(api);
  const { open, ids, digests } = permitted;
  permittedWriteTests(api, permitted);
  permittedReadTests(api, permitted);

  describe("requests without a known token", () => {
    it.each(["nobody", ""])("every route but health answers UNAUTHENTICATED to the token %j", async (token) => {
      const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
      const body = JSON.stringify({ query: "{ projects { totalCount } }" });
      const graphql = await api.http("/graphql", { method: "POST", body, headers }, null);
      const answer = (await graphql.json()) as { errors?: { extensions: { code: string } }[] };
      expect([graphql.status, answer.errors?.[0]?.extensions.code]).toEqual([401, "UNAUTHENTICATED"]);
      for (const [path, method] of [
        [`/blobs?project=${open}`, "PUT"],
        [`/blobs/${digests.open}?project=${open}`, "GET"],
        [`/versions/${ids.a}/files/f`, "GET"],
      ] as const) {
        const response = await api.http(path, { method, headers, ...(method === "PUT" && { body: "x" }) }, null);
        expect([response.status, await response.json()]).toMatchObject([401, { code: "UNAUTHENTICATED" }]);
      }
      expect((await api.http("/health/live", {}, null)).status).toBe(200);
      expect((await api.http("/health/ready", {}, null)).status).toBe(200);
      const stream = api.subscribe("subscription { versionLogged { seq } }", {}, token || null);
      await expect(stream.next()).rejects.toMatchObject({ code: expect.any(Number) });
      await stream.end();
    });
  });
});
