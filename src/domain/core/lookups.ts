import { lookedUpTogether } from "../../lib/batch-calls.ts";
import { findContents } from "../blobs/blobs.ts";
import { findFiles } from "../files/downloads.ts";
import { projectsByName } from "../query/fields.ts";
import { findCandidates } from "../references/resolve-reference.ts";
import type { Deps } from "./context.ts";

/**
 * What every request looks up before anything else, one thing at a time: those that come at the same time are looked up together, as a statement
 * for each would cost more than what it finds. Each sees what was committed before it asked.
 */
export function startLookups(deps: Pick<Deps, "graph">): Deps["lookups"] {
  return {
    versions: lookedUpTogether((all) => findCandidates(deps.graph.read, all, null)),
    files: lookedUpTogether((all) => findFiles(deps, all)),
    contents: lookedUpTogether((ids) => findContents(deps, ids)),
    projects: lookedUpTogether(async (names) => {
      const found = new Map((await projectsByName(deps, names)).map((project) => [project?.name, project]));
      return (name) => found.get(name) ?? null;
    }),
  };
}
