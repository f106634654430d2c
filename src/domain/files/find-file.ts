import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { type StoredFile, storedFile } from "../core/digest.ts";
import { notFound } from "../core/errors.ts";
import { findFiles } from "../query/fields.ts";

const findByPath = statement({
  name: "find-files-by-path",
  params: { versions: v.array(v.object({ id: v.string(), paths: v.record(v.string(), v.literal(true)) })) },
  row: { id: v.string(), file: storedFile },
});

/** A path in the version with this id. */
interface FilePath {
  id: string;
  path: string;
}

function toKey({ id, path }: FilePath): string {
  return `${id}/${path}`;
}

/** Finds files of versions by path in one statement. Resolves with a function that returns each, undefined if it doesn't exist. */
export async function findFilesByPath(
  { graph }: Pick<Ports, "graph">,
  filePaths: FilePath[],
): Promise<(filePath: FilePath) => StoredFile | undefined> {
  const versions = [...groupBy(filePaths, ({ id }) => id)].map(([id, items]) => ({
    id,
    paths: Object.fromEntries(items.map(({ path }) => [path, true as const])),
  }));
  const rows = await graph.read(findByPath, { versions });
  const found = new Map(rows.map(({ id, file }) => [toKey({ id, path: file.path }), file]));
  return (filePath) => found.get(toKey(filePath));
}

/** A file of a version by path. Throws `NOT_FOUND`, naming some existing files, when there is none. */
export async function findFile(
  context: ServiceContext<"lookups">,
  version: Version,
  path: string,
): Promise<StoredFile> {
  const file = await context.services.lookups.files({ id: version.id, path });
  if (file) return file;
  const [files = []] = await findFiles(context.ports, [version.id]);
  const examples = files.slice(0, 5).map((item) => item.path);
  const more = files.length > examples.length ? ", ..." : "";
  const existing = files.length ? `; it has ${files.length}: ${examples.join(", ")}${more}` : "; it has no files";
  throw notFound(`version ${version.uri} has no file "${path}"${existing}`);
}
