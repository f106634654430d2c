import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { ArtifactToNumber } from "./locks.ts";
import type { NamedOutput } from "./name-outputs.ts";
import type { OnlyPaths } from "./number-versions.ts";

const findPaths = statement({
  name: "find-file-paths",
  params: { ids: v.array(v.string()) },
  row: { id: v.string(), path: v.string() },
});

/**
 * The paths of the newest versions that outputs with `ifChanged` may equal: those that also have a single file, with the same digest. Runs a
 * statement only when there are any.
 */
export async function findOnlyPaths(
  run: Transaction["run"],
  outputs: NamedOutput[],
  artifacts: Map<string, ArtifactToNumber>,
): Promise<OnlyPaths> {
  const ids = outputs.flatMap(({ draft, digest, key }) => {
    const latest = artifacts.get(key)?.latest;
    return draft.ifChanged && draft.files.length === 1 && latest?.digest === digest ? [latest.id] : [];
  });
  if (!ids.length) return new Map();
  return new Map((await run(findPaths, { ids: [...new Set(ids)] })).map(({ id, path }) => [id, path]));
}
