import { createBatchedLookup } from "../../lib/batch-calls.ts";
import { findContents } from "../blobs/blobs.ts";
import { findFilesByPath } from "../files/downloads.ts";
import { findProjects } from "../query/fields.ts";
import { findCandidates } from "../references/resolve-reference.ts";
import type { Deps } from "./context.ts";

/**
 * What every request looks up before anything else, one thing at a time: those that come at the same time are looked up together, as a statement
 * for each would cost more than what it finds. Each sees what was committed before it asked.
 */
export function startLookups(deps: Pick<Deps, "graph">): Deps["lookups"] {
  return {
    versions: createBatchedLookup((all) => findCandidates(deps.graph.read, all, null)),
    files: createBatchedLookup((all) => findFilesByPath(deps, all)),
    contents: createBatchedLookup((ids) => findContents(deps, ids)),
    projects: createBatchedLookup(async (names) => {
      const found = new Map((await findProjects(deps, names)).map((project) => [project?.name, project]));
      return (name) => found.get(name) ?? null;
    }),
  };
}
