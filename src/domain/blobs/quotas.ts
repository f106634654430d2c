import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";

type Run = Transaction["run"];

const lockUsage = statement({
  name: "lock-usage",
  params: { project: v.string(), by: v.string() },
  row: { bytes: nullable(v.number()) },
});
const countBytes = statement({
  name: "count-project-bytes",
  params: { project: v.string() },
  row: { bytes: v.number() },
});
const setUsage = statement({ name: "set-usage", params: { project: v.string(), bytes: v.number() }, row: {} });
const subtractUsage = statement({
  name: "subtract-usage",
  params: { freed: v.array(v.object({ project: v.string(), bytes: v.number() })), by: v.string() },
  row: {},
});

function projectTooLarge(limit: number, bytes: number): DomainError {
  const message = `the project would hold ${bytes} bytes, more than its limit of ${limit}`;
  return new DomainError("TOO_LARGE", message, { limit });
}

/** Throws `TOO_LARGE` when a file has more bytes than a file or a project may have. */
export function validateFileSize({ settings }: Pick<Ports, "settings">, size: number): void {
  const { maxFileBytes, projectBytes } = settings;
  if (size > maxFileBytes) {
    const message = `the file has more than the ${maxFileBytes} bytes that a file may have`;
    throw new DomainError("TOO_LARGE", message, { limit: maxFileBytes });
  }
  if (projectBytes !== null && size > projectBytes) throw projectTooLarge(projectBytes, size);
}

/**
 * Adds bytes recorded in this transaction to a project's usage; throws `TOO_LARGE` when it exceeds the quota. With a quota, writers of the same
 * project wait for each other here; without one this does nothing. Each process counts a project's stored bytes at its first write and afterwards
 * adds to the recorded sum.
 */
export async function chargeBytes(
  { ports, services }: ServiceContext<"contentStore">,
  run: Run,
  project: string,
  addedBytes: number,
): Promise<void> {
  const { projectBytes: limit } = ports.settings;
  const { countedProjects } = services.contentStore;
  if (limit === null) return;
  const [usage] = await run(lockUsage, { project, by: ports.newId() });
  const known = countedProjects.has(project) ? (usage?.bytes ?? null) : null;
  const bytes = known === null ? ((await run(countBytes, { project }))[0]?.bytes ?? 0) : known + addedBytes;
  if (bytes > limit) throw projectTooLarge(limit, bytes);
  await run(setUsage, { project, bytes });
}

/** Subtracts deleted contents from the usage of their projects. `by` is a new id, which locks the usage. */
export async function subtractBytes(by: string, run: Run, deleted: { project: string; size: number }[]): Promise<void> {
  const bytesByProject = new Map<string, number>();
  for (const { project, size } of deleted) bytesByProject.set(project, (bytesByProject.get(project) ?? 0) + size);
  const freed = [...bytesByProject]
    .sort(([a], [b]) => compareText(a, b))
    .map(([project, bytes]) => ({ project, bytes }));
  if (freed.length) await run(subtractUsage, { freed, by });
}
