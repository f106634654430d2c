import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { chargeBytes } from "./quotas.ts";

const recordBlobs = statement<{ contents: Value; now: number }, { key: string; created: boolean }>("record-blobs");

/**
 * Records what of a project is in the store, one blob for each content, within the project's quota (`TOO_LARGE`). Gives the keys that are in use
 * from now on; the others' contents the project has already.
 */
export async function recordContents(
  context: ServiceContext<"contentStore">,
  run: Transaction["run"],
  project: string,
  contents: Content[],
): Promise<Set<string>> {
  const distinct = new Map([...contents].reverse().map((content) => [content.digest, content]));
  const rows = [...distinct.values()]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map((content) => ({ ...content, project, id: `${project}/${content.digest}` }));
  if (!rows.length) return new Set();
  const recorded = await run(recordBlobs, { contents: rows, now: context.ports.now() });
  const used = new Set(recorded.filter(({ created }) => created).map(({ key }) => key));
  const gained = rows.reduce((sum, { key, size }) => sum + (used.has(key) ? size : 0), 0);
  if (used.size) await chargeBytes(context, run, project, gained);
  return used;
}

/** Records contents, each in its project, in one transaction, and creates the projects that are `missing`. Resolves with the keys that are referenced from now on. */
export function recordInProjects(
  context: ServiceContext<"contentStore">,
  written: { project: string; content: Content }[],
  missing: string[],
): Promise<Set<string>> {
  return context.ports.graph.write(async (tx) => {
    if (missing.length) ensureProjects(context.ports, tx, missing);
    const projects = [...groupBy(written, ({ project }) => project)].sort(([a], [b]) => (a < b ? -1 : 1));
    const used = new Set<string>();
    for (const [project, all] of projects) {
      const contents = all.map(({ content }) => content);
      for (const key of await recordContents(context, tx.run, project, contents)) used.add(key);
    }
    return used;
  });
}
