import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalid } from "../../domain/core/errors.ts";
import { type ArchiveFormat, findArchive } from "../../domain/files/archive.ts";
import { answerByConditions, toValidatorHeaders } from "../conditions.ts";
import { getQueryParam } from "../query-params.ts";
import { inertHeaders, toAttachment } from "../send-download.ts";

const contentTypes: Record<ArchiveFormat, string> = { zip: "application/zip", tar: "application/x-tar" };

function getPath({ query, url }: FastifyRequest): string | undefined {
  const path = getQueryParam(query, "path");
  if (path !== undefined && !isDecodable(url)) throw invalid("path", "must be percent-encoded UTF-8");
  return path;
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/** `GET /versions/<ref>/archive.zip` and `.tar`: all files of a version, or with `?path=` those of one directory. */
export async function archiveRoutes(app: FastifyInstance): Promise<void> {
  for (const form of ["zip", "tar"] as const) {
    app.route<{ Params: { ref: string } }>({
      method: ["GET", "HEAD"],
      url: `/:ref/archive.${form}`,
      handler: async (request, reply) => {
        const archive = await findArchive(request.context, request.params.ref, form, getPath(request));
        const validators = { etag: `"${archive.digest}"`, modifiedAt: archive.modifiedAt };
        const always = { ...inertHeaders, ...toValidatorHeaders(validators), "cache-control": "private, no-cache" };
        if (answerByConditions(request, reply, validators, always)) return reply;
        reply.headers({ ...always, "content-disposition": toAttachment(archive.name) }).type(contentTypes[form]);
        if (request.method === "HEAD") return reply.send();
        // An error before the first byte has no answer that a client would understand: the connection is cut.
        return reply.send(archive.open().once("error", () => reply.raw.destroy()));
      },
    });
  }
}
