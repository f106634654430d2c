import type { FastifyInstance } from "fastify";
import { stringify } from "yaml";
import "../auth/request.ts";
import type { Deps } from "../domain/deps.ts";
import { versionDocument } from "../domain/document.ts";
import { findVersion } from "../domain/resolve.ts";

/** Everything known of a version in one document: `GET /versions/<ref>/metadata.json` and `.yaml`. */
export const documentRoutes = (deps: Deps) => async (app: FastifyInstance) => {
  app.get<{ Params: { ref: string } }>("/versions/:ref/metadata.json", async ({ actor, params }, reply) => {
    const version = await findVersion(deps, actor, params.ref);
    return reply.type("application/json").send(JSON.stringify(await versionDocument(deps, actor, version), null, 2));
  });
  app.get<{ Params: { ref: string } }>("/versions/:ref/metadata.yaml", async ({ actor, params }, reply) => {
    const version = await findVersion(deps, actor, params.ref);
    return reply.type("application/yaml").send(stringify(await versionDocument(deps, actor, version)));
  });
};
