import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { Door } from "./door.ts";
import { renderProblemJson } from "./problem.ts";

const contentSecurityPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `/graphiql/`: the page, from the folder that it was built into; nothing where it was not built. `/` leads to it. */
export function createPageDoor(folder: URL): Door {
  return {
    prefix: "",
    publicRoutes: async (app) => {
      if (!existsSync(folder)) return;
      await app.register(fastifyStatic, {
        root: fileURLToPath(folder),
        prefix: "/graphiql/",
        redirect: true,
        setHeaders: (reply) => reply.setHeader("content-security-policy", contentSecurityPolicy),
      });
      for (const path of ["/", "/graphiql"]) app.get(path, (_request, reply) => reply.redirect("/graphiql/"));
    },
    renderError: renderProblemJson,
  };
}
