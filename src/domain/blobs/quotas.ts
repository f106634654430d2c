import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";

type Run = Transaction["run"];

const lockUsage = statement<{ project: string; by: string }, { bytes: number | null }>("lock-usage");
const countBytes = statement<{ project: string }, { bytes: number }>("count-project-bytes");
const setUsage = statement<{ project: string; bytes: number }, never>("set-usage");
const release = statement<{ released: { project: string; bytes: number }[]; by: string }, never>("release-bytes");

function fileTooLarge(limit: number): DomainError {
  return new DomainError("TOO_LARGE", `a file has at most ${limit} bytes`, { limit });
}

function projectTooLarge(limit: number, bytes: number): DomainError {
  return new DomainError("TOO_LARGE", `a project has at most ${limit} bytes, and this would make it ${bytes}`, {
    limit,
  });
}

/** Refuses a content that is larger than any file, or project, may be. */
export function validateFileSize({ settings }: Pick<Ports, "settings">, size: number): void {
  const { maxFileBytes, projectBytes } = settings;
  if (size > maxFileBytes) throw fileTooLarge(maxFileBytes);
  if (projectBytes !== null && size > projectBytes) throw projectTooLarge(projectBytes, size);
}

/**
 * Counts what a project's store has gained in this transaction, against its quota: beyond it, `TOO_LARGE`. Where there is a quota the writers of one
 * project wait for each other here; those of others don't, and without a quota nobody does. Each process
 * counts a project's bytes once, at its first write; from then on it adds to the stored sum.
 */
export async function chargeBytes(
  { ports, services }: ServiceContext<"contentStore">,
  run: Run,
  project: string,
  gained: number,
): Promise<void> {
  const { projectBytes: limit } = ports.settings;
  const { countedProjects } = services.contentStore;
  if (limit === null) return;
  const [usage] = await run(lockUsage, { project, by: ports.newId() });
  const known = countedProjects.has(project) ? (usage?.bytes ?? null) : null;
  const bytes = known === null ? ((await run(countBytes, { project }))[0]?.bytes ?? 0) : known + gained;
  if (bytes > limit) throw projectTooLarge(limit, bytes);
  await run(setUsage, { project, bytes });
}

/** Gives projects back the bytes of what was swept. */
export async function releaseBytes(by: string, run: Run, swept: { project: string; size: number }[]): Promise<void> {
  const projects = new Map<string, number>();
  for (const { project, size } of swept) projects.set(project, (projects.get(project) ?? 0) + size);
  const released = [...projects].sort().map(([project, bytes]) => ({ project, bytes }));
  if (released.length) await run(release, { released, by });
}
