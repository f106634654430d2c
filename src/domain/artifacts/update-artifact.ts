import type { Artifact, UpdateArtifactInput } from "../../model/artifact.ts";
import { toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateTags, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { changeArtifact } from "../recording/change-artifact.ts";
import { lockArtifact } from "../recording/lock-artifact.ts";

/** Changes an artifact's description and tags; what is left out stays, tags of others too. */
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
    const text = { description, text: `${name}\n${description ?? ""}`.toLowerCase() };
    const changes = { updatedAt: at, ...(input.description === undefined ? {} : text) };
    const [changed] = await tx.run(changeArtifact, { key, at, changes, addTags, removeTags });
    if (!changed) throw notFound(`artifact ${key} does not exist`);
    const event = { type: "ARTIFACT_UPDATED" as const, at, project, artifactKey: key, kind: changed.artifact.kind };
    return { result: changed.artifact, events: [event] };
  });
  return { artifact: toArtifact(result) };
}
