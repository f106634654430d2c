import { groupBy } from "../../lib/group-by.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { notFound } from "../core/errors.ts";
import { findFiles } from "../query/fields.ts";

const byPath = statement<{ versions: { id: string; paths: Record<string, true> }[] }, { id: string; file: StoredFile }>(
  "find-files",
);

/** A path in the version with this id. */
interface VersionPath {
  id: string;
  path: string;
}

function keyOf({ id, path }: VersionPath): string {
  return `${id}/${path}`;
}

/** Looks for files of versions by their paths, in one statement; resolves with what gives each, undefined when it isn't there. */
export async function findFilesByPath(
  { graph }: Pick<Ports, "graph">,
  asked: VersionPath[],
): Promise<(asked: VersionPath) => StoredFile | undefined> {
  const versions = [...groupBy(asked, ({ id }) => id)].map(([id, all]) => ({
    id,
    paths: Object.fromEntries(all.map(({ path }) => [path, true as const])),
  }));
  const rows = await graph.read(byPath, { versions });
  const found = new Map(rows.map(({ id, file }) => [keyOf({ id, path: file.path }), file]));
  return (item) => found.get(keyOf(item));
}

/** A file of a version by its path; `NOT_FOUND` names some that are there. */
export async function findFile(
  context: ServiceContext<"lookups">,
  version: Version,
  path: string,
): Promise<StoredFile> {
  const file = await context.services.lookups.files({ id: version.id, path });
  if (file) return file;
  const [files = []] = await findFiles(context.ports, [version.id]);
  const some = files.slice(0, 5).map((item) => item.path);
  const more = files.length > some.length ? ", ..." : "";
  throw notFound(`${version.uri} has ${files.length} files (${some.join(", ")}${more}): ${path}`);
}
