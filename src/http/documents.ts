import type { FastifyInstance } from "fastify";
import { stringify } from "yaml";
import "../auth/request.ts";
import type { Deps } from "../domain/core/context.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { recipeDocument } from "../domain/files/recipe-document.ts";
import { findRoCrate } from "../domain/files/ro-crate.ts";
import { versionDocument } from "../domain/files/version-document.ts";
import { findRecipeOfVersion } from "../domain/lineage/recipe.ts";
import { findVersion } from "../domain/references/resolve-reference.ts";
import type { Version } from "../model/version.ts";

function pretty(document: unknown): string {
  return JSON.stringify(document, null, 2);
}

/**
 * Documents about a version: `GET /versions/<ref>/metadata.json` and `.yaml` hold everything known of it, `recipe.json` how to make it again,
 * and `ro-crate-metadata.json` the same as an RO-Crate.
 */
export function documentRoutes(deps: Deps) {
  return async (app: FastifyInstance) => {
    const serve = (name: string, type: string, document: (actor: Actor, version: Version) => Promise<string>) =>
      app.get<{ Params: { ref: string } }>(`/versions/:ref/${name}`, async ({ actor, params }, reply) =>
        reply.type(type).send(await document(actor, await findVersion(deps, actor, params.ref))),
      );
    const recipe = (actor: Actor, version: Version) => findRecipeOfVersion(deps, actor, version);
    serve("metadata.json", "application/json", async (...of) => pretty(await versionDocument(deps, ...of)));
    serve("metadata.yaml", "application/yaml", async (...of) => stringify(await versionDocument(deps, ...of)));
    serve("recipe.json", "application/json", async (...of) => pretty(recipeDocument(await recipe(...of))));
    serve("ro-crate-metadata.json", "application/ld+json", async (...of) =>
      pretty(await findRoCrate(deps, await recipe(...of))),
    );
  };
}
