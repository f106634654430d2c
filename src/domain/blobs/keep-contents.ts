import type { Ports, ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { replaceLost } from "./lost-contents.ts";
import { recordInProjects } from "./record-contents.ts";

/** Removes contents that were never recorded from the blob store. */
export async function removeContents({ blobs }: Pick<Ports, "blobs">, contents: Content[]): Promise<void> {
  for (const { key } of contents) await blobs.remove(key);
}

/**
 * Waits until written contents are recorded, then removes those that the project had already, unless its own are lost (`replaceLost`). When recording
 * is refused, all of them are removed. Resolves with the keys that are used from now on.
 */
export async function finishRecording(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
  recording: Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  try {
    const newKeys = await recording;
    if (newKeys.size && context.ports.settings.projectBytes !== null)
      context.services.contentStore.countedProjects.add(project);
    const newDigests = new Set(contents.filter(({ key }) => newKeys.has(key)).map(({ digest }) => digest));
    const repeated = contents.filter(({ digest }) => !newDigests.has(digest));
    const kept = new Set([...newKeys, ...(await replaceLost(context.ports, project, repeated))]);
    await removeContents(
      context.ports,
      contents.filter(({ key }) => !kept.has(key)),
    );
    return kept;
  } catch (error) {
    // After any other error the contents may have been recorded after all, so their bytes must stay.
    if (error instanceof DomainError) await removeContents(context.ports, contents);
    throw error;
  }
}

/**
 * Records written contents in a project, which is created if necessary. Duplicates are removed from the blob store, and all of the contents
 * are when this is refused (`TOO_LARGE`).
 */
export async function keepContents(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
): Promise<void> {
  const written = contents.map((content) => ({ project, content }));
  await finishRecording(context, project, contents, recordInProjects(context, written, [project]));
}
