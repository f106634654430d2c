import type { Ports, ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { recordInProjects } from "./record-contents.ts";

/** Removes contents that were never recorded from the blob store. */
export async function removeContents({ blobs }: Pick<Ports, "blobs">, contents: Content[]): Promise<void> {
  for (const { key } of contents) await blobs.remove(key);
}

/**
 * Waits until written contents are recorded, then removes those that the project had already. When recording is refused, all of them are removed.
 * Resolves with the recorded keys.
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
    await removeContents(
      context.ports,
      contents.filter(({ key }) => !newKeys.has(key)),
    );
    return newKeys;
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
