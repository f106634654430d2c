import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { RequestContext } from "../../domain/core/context.ts";
import { toRecipeDocument } from "../../domain/files/recipe-document.ts";
import { findRoCrate } from "../../domain/files/ro-crate.ts";
import { loadVersionDocument } from "../../domain/files/version-document.ts";
import { findRecipeOfVersion } from "../../domain/lineage/find-recipe.ts";
import { findVersion } from "../../domain/references/find-version.ts";
import { printYaml } from "../../lib/print-yaml.ts";
import type { Version } from "../../model/version.ts";
import { answerByConditions, toValidatorHeaders } from "../conditions.ts";

function toPrettyJson(document: unknown): string {
  return JSON.stringify(document, null, 2);
}

type DocumentContext = RequestContext<"lookups">;

/**
 * Documents about a version: `GET /versions/<ref>/metadata.json` and `.yaml` with everything known about it, `recipe.json` with how to make it again, and
 * `ro-crate-metadata.json` with the recipe as an RO-Crate.
 */
export async function documentRoutes(app: FastifyInstance): Promise<void> {
  const serve = (
    name: string,
    contentType: string,
    print: (context: DocumentContext, version: Version) => Promise<string>,
  ) =>
    app.get<{ Params: { ref: string } }>(`/:ref/${name}`, async (request, reply) => {
      const { context, params } = request;
      const text = await print(context, await findVersion(context, params.ref));
      const validators = { etag: `"${createHash("sha256").update(text).digest("hex")}"`, modifiedAt: null };
      const always = { ...toValidatorHeaders(validators), "cache-control": "private, no-cache" };
      if (answerByConditions(request, reply, validators, always)) return reply;
      return reply.headers(always).type(contentType).send(text);
    });
  serve("metadata.json", "application/json", async (...of) => toPrettyJson(await loadVersionDocument(...of)));
  serve("metadata.yaml", "application/yaml", async (...of) => printYaml(await loadVersionDocument(...of)));
  serve("recipe.json", "application/json", async (...of) =>
    toPrettyJson(toRecipeDocument(await findRecipeOfVersion(...of))),
  );
  serve("ro-crate-metadata.json", "application/ld+json", async (context, version) =>
    toPrettyJson(await findRoCrate(context.ports, await findRecipeOfVersion(context, version))),
  );
}
