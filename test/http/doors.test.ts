import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { invalid } from "../../src/domain/core/errors.ts";
import type { Door } from "../../src/http/door.ts";
import { tokensByRole } from "../support/calls.ts";
import { engines, startTestService, type TestService } from "../support/service.ts";

/** A door with routes that need a token, one that needs none, and errors in a form that no other door has. */
const echoDoor: Door = {
  prefix: "/api/echo",
  routes: async (app) => {
    app.post("/name", ({ context }) => ({ name: context.actor.name }));
    app.get("/invalid", () => {
      throw invalid("word", "must be a word");
    });
    app.get("/broken", () => {
      throw new Error("secret");
    });
  },
  publicRoutes: async (app) => {
    app.get("/ping", () => "pong");
  },
  renderError: ({ status, code, message }) => ({
    status: code === "NOT_FOUND" ? 400 : status,
    contentType: "application/json",
    body: { error_code: code, message },
  }),
  getNotFoundHint: (method) => `${method} is not known here`,
};

/** The status of a request with another Host header, and what its body says. */
function askWithHost(url: string, host: string): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, async (response) => {
      const chunks: Buffer[] = await response.toArray();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    sent.on("error", reject).end();
  });
}

describe("a door", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(
      engines[0],
      { ...tokensByRole(), LOG_LEVEL: "silent" },
      {
        doors: (doors) => [...doors, echoDoor],
      },
    );
  });
  afterAll(() => service.close());
  const ask = async (path: string, init: RequestInit = {}, token: string | null = "viewer") => {
    const headers = { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(`${service.url}${path}`, { ...init, headers });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };

  it("whose route is public answers without a token", async () => {
    expect(await ask("/api/echo/ping", {}, null)).toMatchObject({ status: 200, body: "pong" });
  });

  it("whose route is not public gets the actor of the token, and answers 401 in its own form without one", async () => {
    const named = await ask("/api/echo/name", { method: "POST" });
    expect(JSON.parse(named.body)).toEqual({ name: "the viewer" });
    const refused = await ask("/api/echo/name", { method: "POST" }, null);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect(JSON.parse(refused.body)).toEqual({ error_code: "UNAUTHENTICATED", message: expect.any(String) });
  });

  it("renders the errors of its routes, and reveals nothing of internal ones", async () => {
    const refused = await ask("/api/echo/invalid");
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toEqual({ error_code: "INVALID_INPUT", message: "word: must be a word" });
    const broken = await ask("/api/echo/broken");
    expect(broken.status).toBe(500);
    expect(JSON.parse(broken.body)).toEqual({
      error_code: "INTERNAL",
      message: expect.stringMatching(/^internal error; include this id when you report it: /),
    });
  });

  it("renders what is wrong before a route runs: a body that is not JSON, and an unknown host", async () => {
    const headers = { "content-type": "application/json" };
    const malformed = await ask("/api/echo/name", { method: "POST", headers, body: "{" });
    expect([malformed.status, JSON.parse(malformed.body).error_code]).toEqual([400, "INVALID_INPUT"]);
    const elsewhere = await askWithHost(`${service.url}/api/echo/ping`, "evil.example");
    expect(elsewhere).toMatchObject({ status: 403, body: { error_code: "FORBIDDEN" } });
  });

  it("renders unknown paths under its prefix, with its hint and the status that it chose", async () => {
    const unknown = await ask("/api/echo/nothing?a=b", { method: "PUT" }, null);
    expect(unknown.status).toBe(400);
    expect(JSON.parse(unknown.body)).toEqual({
      error_code: "NOT_FOUND",
      message: "PUT /api/echo/nothing?a=b was not found: PUT is not known here",
    });
  });

  it("has no say about paths that only begin like its prefix", async () => {
    const other = await ask("/api/echoes", {}, null);
    expect(other.status).toBe(404);
    expect(other.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });
});
