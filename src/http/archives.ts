import "./request.ts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalid } from "../domain/core/errors.ts";
import { type ArchiveFormat, findArchive } from "../domain/files/archive.ts";
import { attachment, inertHeaders } from "./downloads.ts";

const types: Record<ArchiveFormat, string> = { zip: "application/zip", tar: "application/x-tar" };

function pathOf({ query, url }: FastifyRequest): string | undefined {
  const { path } = query as { path?: unknown };
  if (path !== undefined && typeof path !== "string") throw invalid("path", "wanted once in the query");
  if (path !== undefined && !isDecodable(url)) throw invalid("path", "percent-encoded UTF-8 is wanted");
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
      url: `/versions/:ref/archive.${form}`,
      handler: async (request, reply) => {
        const archive = await findArchive(request.context, request.params.ref, form, pathOf(request));
        reply.headers({ ...inertHeaders, "content-disposition": attachment(archive.name) }).type(types[form]);
        if (request.method === "HEAD") return reply.send();
        // What is wrong before the first byte is sent isn't an answer of its own: the archive is broken off.
        return reply.send(archive.open().once("error", () => reply.raw.destroy()));
      },
    });
  }
}
