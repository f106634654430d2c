import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { chargeBytes } from "./quotas.ts";

const recordBlobs = statement({
  name: "record-blobs",
  params: {
    contents: v.array(
      v.object({ id: v.string(), project: v.string(), digest: v.string(), size: v.number(), key: v.string() }),
    ),
    now: v.number(),
  },
  row: { key: v.string(), created: v.boolean() },
});

/**
 * Records contents that have been written to the blob store, one blob per project and digest, and charges the project's quota (throws `TOO_LARGE`
 * when it is exceeded). Resolves with the keys that were recorded; the other contents existed in the project already.
 */
export async function recordContents(
  context: ServiceContext<"contentStore">,
  run: Transaction["run"],
  project: string,
  contents: Content[],
): Promise<Set<string>> {
  // Of contents with the same digest the first is recorded.
  const distinct = new Map([...contents].reverse().map((content) => [content.digest, content]));
  const rows = [...distinct.values()]
    .sort((a, b) => compareText(a.digest, b.digest))
    .map((content) => ({ ...content, project, id: `${project}/${content.digest}` }));
  if (!rows.length) return new Set();
  const recorded = await run(recordBlobs, { contents: rows, now: context.ports.now() });
  const newKeys = new Set(recorded.filter(({ created }) => created).map(({ key }) => key));
  const addedBytes = rows.reduce((sum, { key, size }) => sum + (newKeys.has(key) ? size : 0), 0);
  if (newKeys.size) await chargeBytes(context, run, project, addedBytes);
  return newKeys;
}

/**
 * Creates the projects `missing` and records contents of several projects, all in one transaction. Resolves and throws as `recordContents` does.
 */
export function recordInProjects(
  context: ServiceContext<"contentStore">,
  written: { project: string; content: Content }[],
  missing: string[],
): Promise<Set<string>> {
  return context.ports.graph.write(async (tx) => {
    if (missing.length) ensureProjects(context.ports, tx, missing);
    const projects = [...groupBy(written, ({ project }) => project)].sort(([a], [b]) => compareText(a, b));
    const newKeys = new Set<string>();
    for (const [project, items] of projects) {
      const contents = items.map(({ content }) => content);
      for (const key of await recordContents(context, tx.run, project, contents)) newKeys.add(key);
    }
    return newKeys;
  });
}
