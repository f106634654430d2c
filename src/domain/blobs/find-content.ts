import * as v from "valibot";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { type StoredFile, storedFile } from "../core/digest.ts";
import { notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";

const findByIds = statement({
  name: "find-contents",
  params: { ids: v.array(v.string()) },
  row: { id: v.string(), file: storedFile },
});

/** Finds contents by id (`<project>/<digest>`) in one statement. Resolves with a function that returns each, undefined if it doesn't exist. */
export async function findContents(
  { graph }: Pick<Ports, "graph">,
  ids: string[],
): Promise<(id: string) => StoredFile | undefined> {
  const rows = await graph.read(findByIds, { ids: [...new Set(ids)] });
  const found = new Map(rows.map(({ id, file }) => [id, file]));
  return (id) => found.get(id);
}

/** A content of a project by digest, with the digest as its path. Throws `NOT_FOUND` when the project has no such content. */
export async function findContent(
  context: RequestContext<"lookups">,
  project: string,
  digest: string,
): Promise<StoredFile> {
  validateProjectName(project, "project");
  authorize(context.actor, "project:read", project);
  const content = await context.services.lookups.contents(`${project}/${validateDigest(digest, "digest")}`);
  if (!content) throw notFound(`project ${project} has no content with digest ${digest}`);
  return content;
}
