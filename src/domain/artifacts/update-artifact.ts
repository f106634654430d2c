import type { Artifact, UpdateArtifactInput } from "../../model/artifact.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { type ArtifactRow, toArtifact } from "../core/rows.ts";
import type { TagChange } from "../core/tag-change.ts";
import { validateTags, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";

type Locked = { artifact: ArtifactRow; at: number };
const lockByKey = statement<{ keys: string[]; by: string; now: number }, Locked>("lock-artifacts-there");
/** Changes a locked artifact. */
export const changeArtifact = statement<TagChange & { key: string; changes: Value }, { artifact: ArtifactRow }>(
  "change-artifact",
);

/** Locks the artifacts of these keys that are there, in the order that every writer takes, and advances their clocks. */
export function lockArtifactsThere(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  keys: Iterable<string>,
): Promise<Locked[]> {
  return tx.run(lockByKey, { keys: [...new Set(keys)].sort(), by: ports.newId(), now: ports.now() });
}

/** Locks an artifact that is there, and advances its clock; `NOT_FOUND` when there is none. */
export async function lockArtifact(ports: Pick<Ports, "newId" | "now">, tx: Transaction, key: string): Promise<Locked> {
  const [locked] = await lockArtifactsThere(ports, tx, [key]);
  if (!locked) throw notFound(`artifact ${key}`);
  return locked;
}

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
    if (!changed) throw notFound(`artifact ${key}`);
    const event = { type: "ARTIFACT_UPDATED" as const, at, project, artifactKey: key, kind: changed.artifact.kind };
    return { result: changed.artifact, events: [event] };
  });
  return { artifact: toArtifact(result) };
}
