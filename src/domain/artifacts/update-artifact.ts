import type { Artifact, UpdateArtifactInput } from "../../model/artifact.ts";
import { toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateTags, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/locks.ts";
import { writeArtifactChanges } from "./artifact-changes.ts";

/** Changes an artifact's description and tags. Omitted fields and other tags stay; a null description removes it. */
export async function updateArtifact(
  context: RequestContext<"eventLog">,
  input: UpdateArtifactInput,
): Promise<{ artifact: Artifact }> {
  const { project, name } = input;
  authorize(context.actor, "version:label", project);
  const key = artifactKey(project, name);
  const addTags = validateTags(input.tags?.add, "tags.add");
  const removeTags = validateTags(input.tags?.remove, "tags.remove");
  const description = validateText(input.description, "description");
  const { result } = await runIdempotent(context, async (tx) => {
    const { at } = await lockArtifact(context.ports, tx, key);
    const text = `${name}\n${description ?? ""}`.toLowerCase();
    const changes = { updatedAt: at, ...(input.description === undefined ? {} : { description, text }) };
    const [changed] = await tx.run(writeArtifactChanges, { key, at, changes, addTags, removeTags });
    if (!changed) throw notFound(`artifact ${key} does not exist`);
    const { artifact } = changed;
    return {
      result: artifact,
      events: [{ type: "ARTIFACT_UPDATED", at, project, artifactKey: key, kind: artifact.kind }],
    };
  });
  return { artifact: toArtifact(result) };
}
