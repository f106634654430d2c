import type { Artifact } from "../../model/artifact.ts";
import type { Loader, RequestContext } from "../core/context.ts";
import { authorize } from "../core/permissions.ts";
import { artifactKey } from "../core/version-uri.ts";

/** Finds an artifact by project and name; null if there is none, `FORBIDDEN` if the actor may not read the project. */
export async function findArtifact(
  { actor }: Pick<RequestContext, "actor">,
  artifacts: Loader<Artifact | null>,
  project: string,
  name: string,
): Promise<Artifact | null> {
  authorize(actor, "project:read", project);
  return artifacts.load(artifactKey(project, name));
}
