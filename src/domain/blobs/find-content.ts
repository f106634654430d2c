import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";

const byIds = statement<{ ids: string[] }, { id: string; blob: StoredFile }>("find-contents");

/** Looks for contents by their ids, in one statement; resolves with what gives each, undefined when it isn't there. */
export async function findContents(
  { graph }: Pick<Ports, "graph">,
  ids: string[],
): Promise<(id: string) => StoredFile | undefined> {
  const rows = await graph.read(byIds, { ids: [...new Set(ids)] });
  const found = new Map(rows.map(({ id, blob }) => [id, blob]));
  return (id) => found.get(id);
}

/** A content of a project by its digest; `NOT_FOUND` when the project hasn't it. */
export async function findContent(
  context: RequestContext<"lookups">,
  project: string,
  digest: string,
): Promise<StoredFile> {
  validateProjectName(project, "project");
  authorize(context.actor, "project:read", project);
  const blob = await context.services.lookups.contents(`${project}/${validateDigest(digest, "digest")}`);
  if (!blob) throw notFound(`project ${project} has no blob ${digest}`);
  return blob;
}
