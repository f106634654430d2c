import type { Ports, ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { recordInProjects } from "./record-contents.ts";

/** Drops from the store what nobody refers to. */
export async function removeContents({ blobs }: Pick<Ports, "blobs">, contents: Content[]): Promise<void> {
  for (const { key } of contents) await blobs.remove(key);
}

/** Drops again what the project has already, or, when it was refused, all of it. */
export async function finishRecording(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
  recording: Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  try {
    const used = await recording;
    if (used.size && context.ports.settings.projectBytes !== null)
      context.services.contentStore.countedProjects.add(project);
    await removeContents(
      context.ports,
      contents.filter(({ key }) => !used.has(key)),
    );
    return used;
  } catch (error) {
    // After any other failure nobody knows whether it was recorded: then the bytes stay.
    if (error instanceof DomainError) await removeContents(context.ports, contents);
    throw error;
  }
}

/**
 * Makes contents of a project out of what was written to the store, in one transaction. What the project has already is dropped again, and when
 * this is refused, all of it.
 */
export async function keepContents(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
): Promise<void> {
  const written = contents.map((content) => ({ project, content }));
  await finishRecording(context, project, contents, recordInProjects(context, written, [project]));
}
