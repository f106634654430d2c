import type { Door } from "../door.ts";
import { renderProblemJson } from "../problem.ts";
import { archiveRoutes } from "./archives.ts";
import { documentRoutes } from "./documents.ts";
import { downloadRoutes } from "./downloads.ts";
import { postVersionRoutes, type ReadVersionInput } from "./post-version.ts";
import { previewRoutes } from "./previews.ts";

/** `/versions`: log a version with its files, and read files, previews, archives and documents of a version. */
export function createVersionsDoor(readVersionInput: ReadVersionInput): Door {
  return {
    prefix: "/versions",
    routes: async (app) => {
      await app.register(postVersionRoutes(readVersionInput));
      await app.register(downloadRoutes);
      await app.register(archiveRoutes);
      await app.register(previewRoutes);
      await app.register(documentRoutes);
    },
    renderError: renderProblemJson,
    getNotFoundHint: (_method, url) =>
      url.startsWith("/versions/") ? "in a version's reference, / must be written as %2F" : null,
  };
}
