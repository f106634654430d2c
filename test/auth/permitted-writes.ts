import { describe, expect, it } from "vitest";
import type { ActorName, Api } from "../support/api.ts";
import {
  createProject,
  endExecution,
  logMetrics,
  logVersion,
  publishRun,
  recordLineage,
  startRun,
  startStep,
  updateExecution,
} from "../support/documents.ts";
import { freshProject } from "../support/service.ts";

import type { Permitted } from "./permitted.ts";

/** Which roles may write. */
export function permittedWriteTests(api: Api, { open, secret, ids }: Permitted): void {
  describe("writing requires the role contributor", () => {
    const writes: [string, string, () => object, string][] = [
      ["logVersion", logVersion, () => ({ project: open, name: "permitted/a" }), "version:log"],
      ["publishRun", publishRun, () => ({ project: open }), "run:write"],
      ["startRun", startRun, () => ({ project: open }), "run:write"],
      ["startStep", startStep, () => ({ run: ids.run, name: "t" }), "run:write"],
      ["updateExecution", updateExecution, () => ({ id: ids.step, metadata: { a: 1 } }), "run:write"],
      [
        "logMetrics",
        logMetrics,
        () => ({ execution: ids.step, metrics: [{ key: "k", value: 1, time: "2026-01-31T12:00:00.000Z" }] }),
        "run:write",
      ],
      ["recordLineage", recordLineage, () => ({ execution: ids.run, inputs: [{ version: ids.a }] }), "run:write"],
      ["endExecution", endExecution, () => ({ id: ids.step, status: "COMPLETED" }), "run:write"],
    ];

    it.each(writes)(
      "%s is refused to a viewer and allowed to a contributor",
      async (_name, query, input, permission) => {
        const before = await api.inventory(open);
        expect(await api.refusal(query, { input: input() }, "viewer")).toMatchObject({ code: "FORBIDDEN", permission });
        expect(await api.refusal(query, { input: input() }, "lister")).toMatchObject({ code: "FORBIDDEN", permission });
        expect(await api.inventory(open)).toEqual(before);
        await api.data(query, { input: input() }, "contributor");
        if (query !== endExecution) await api.data(query, { input: input() }, "maintainer");
      },
    );

    it("PUT /blobs requires the role contributor", async () => {
      const put = (actor: ActorName) => api.http(`/blobs?project=${open}`, { method: "PUT", body: "permitted" }, actor);
      const refused = await put("viewer");
      expect([refused.status, await refused.json()]).toMatchObject([
        403,
        { code: "FORBIDDEN", permission: "blob:write" },
      ]);
      expect((await put("contributor")).status).toBe(201);
    });

    it("createProject requires the role admin, and no other write creates a project for those without a role in it", async () => {
      const fresh = freshProject();
      expect(await api.refusal(createProject, { input: { name: open } }, "viewer")).toMatchObject({
        code: "FORBIDDEN",
        permission: "project:create",
      });
      for (const actor of ["viewer", "contributor", "maintainer"] as const) {
        expect(await api.refusal(createProject, { input: { name: fresh } }, actor)).toMatchObject({
          code: "FORBIDDEN",
          permission: "project:create",
        });
        expect(await api.refusal(logVersion, { input: { project: fresh, name: "a" } }, actor)).toMatchObject({
          code: "FORBIDDEN",
          permission: "version:log",
        });
        expect(await api.refusal(publishRun, { input: { project: fresh } }, actor)).toMatchObject({
          code: "FORBIDDEN",
          permission: "run:write",
        });
      }
      expect(await api.data("query ($name: String!) { project(name: $name) { id } }", { name: fresh })).toEqual({
        project: null,
      });
    });

    it("a call needs its permission in every project that it writes to", async () => {
      const before = [await api.inventory(open), await api.inventory(secret)];
      const output = { project: secret, name: "smuggled" };
      for (const actor of ["contributor", "both"] as const) {
        expect(await api.refusal(publishRun, { input: { project: open, outputs: [output] } }, actor)).toMatchObject({
          code: "FORBIDDEN",
          permission: "version:log",
        });
        expect(
          await api.refusal(logVersion, { input: { project: open, name: "x", producer: { run: ids.hidden } } }, actor),
        ).toMatchObject({ code: "FORBIDDEN" });
        expect(
          await api.refusal(recordLineage, { input: { execution: ids.hidden, outputs: [{ version: ids.a }] } }, actor),
        ).toMatchObject({ code: "FORBIDDEN", permission: "run:write" });
        expect(
          await api.refusal(updateExecution, { input: { id: ids.hidden, tags: { add: ["x"] } } }, actor),
        ).toMatchObject({ code: "FORBIDDEN", permission: "run:write" });
      }
      expect([await api.inventory(open), await api.inventory(secret)]).toEqual(before);
    });

    it("a write requires permission to read everything that it refers to", async () => {
      const before = await api.inventory(open);
      const refused = { code: "FORBIDDEN", permission: "project:read" };
      const uses = { project: open, name: "permitted/a", inputs: [ids.secret] };
      expect(await api.refusal(logVersion, { input: uses }, "contributor")).toMatchObject(refused);
      expect(
        await api.refusal(
          publishRun,
          { input: { project: open, inputs: [{ version: `${secret}/classified` }] } },
          "contributor",
        ),
      ).toMatchObject(refused);
      expect(
        await api.refusal(
          logVersion,
          { input: { project: open, name: "permitted/a", links: [{ rel: "r", version: ids.secret }] } },
          "contributor",
        ),
      ).toMatchObject(refused);
      expect(
        await api.refusal(
          recordLineage,
          { input: { execution: ids.run, inputs: [{ version: ids.secret }] } },
          "contributor",
        ),
      ).toMatchObject(refused);
      expect(await api.inventory(open)).toEqual(before);
      expect((await api.log(uses, "both")).created).toBe(true);
    });
  });

  it("versions and runs record who wrote them", async () => {
    const { version: logged } = await api.log({ project: open, name: "permitted/mine" }, "contributor");
    expect(await api.version(logged.id)).toMatchObject({ author: "contributor" });
    expect((await api.publish({ project: open }, "maintainer")).run).toMatchObject({ author: "maintainer" });
  });
}
