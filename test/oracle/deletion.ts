import { artifactThere, changeable, dropAlias, tick } from "./changes.ts";
import { refused } from "./executions.ts";
import type { Input } from "./requests.ts";
import { type Outcome, type PlainArtifact, type PlainVersion, versionsOf, type World } from "./state.ts";

/** What was made directly from a version. */
function madeFrom(world: World, version: PlainVersion): PlainVersion[] {
  const readers = new Set(
    world.links.filter((link) => link.reads && link.version === version).map((link) => link.execution),
  );
  return world.links.filter((link) => !link.reads && readers.has(link.execution)).map((link) => link.version);
}

/** The live descendants of a version in its project with no live version between. */
function living(world: World, version: PlainVersion): Set<PlainVersion> {
  const found = new Set<PlainVersion>();
  const passed = new Set([version]);
  for (const at of passed)
    for (const made of madeFrom(world, at))
      if (made.state === "READY") found.add(made);
      else passed.add(made);
  found.delete(version);
  // Versions in other projects keep none.
  return new Set([...found].filter(({ artifact }) => artifact.project === version.artifact.project));
}

function aliasesOf({ names }: PlainArtifact, version: PlainVersion): string[] {
  return [...names].flatMap(([name, holder]) => (holder.version === version && !holder.fixed ? [name] : []));
}

function checkFree(world: World, toDelete: PlainVersion[], problems: Set<string>): void {
  const held = toDelete.some(
    (version) =>
      aliasesOf(version.artifact, version).length ||
      [...living(world, version)].some((other) => !toDelete.includes(other)),
  );
  if (held) problems.add("IN_USE");
}

function deleteInModel(world: World, version: PlainVersion, at: number, bytesOnly = false): void {
  const { artifact } = version;
  if (!bytesOnly) {
    for (const alias of aliasesOf(artifact, version)) dropAlias(world, artifact, alias, at);
    version.state = "DELETED";
  }
  version.bytesGone = true;
  version.updatedAt = at;
  artifact.updatedAt = at;
  world.events.push({ type: "VERSION_DELETED", project: artifact.project, version });
}

/** `deleteVersion` in the model. */
export function deleteVersion(world: World, input: Input<"deleteVersion">, problems: Set<string>): Outcome {
  const version = changeable(world, input.ref, problems);
  if (version && !input.force) checkFree(world, [version], problems);
  if (problems.size || !version) return refused(problems);
  deleteInModel(world, version, tick(world, version.artifact), input.bytesOnly);
  return { codes: null, created: false, version };
}

function there({ state }: PlainVersion): boolean {
  return state === "READY";
}

/** `deleteArtifact` in the model. */
export function deleteArtifact(world: World, input: Input<"deleteArtifact">, problems: Set<string>): Outcome {
  const artifact = artifactThere(world, input, problems);
  const toDelete = (artifact?.versions ?? []).filter(there);
  if (!input.force) checkFree(world, toDelete, problems);
  if (problems.size || !artifact) return refused(problems);
  const at = tick(world, artifact);
  for (const version of toDelete) deleteInModel(world, version, at);
  Object.assign(artifact, { deleted: true, updatedAt: at });
  return { codes: null, created: false, artifact };
}

/** Contents of versions to delete that no remaining version has. */
function bytesOf(world: World, toDelete: Set<PlainVersion>): number {
  const contents = (version: PlainVersion) =>
    version.bytesGone ? [] : (version.spec.files ?? []).map((file) => `${version.artifact.project} ${file.digest}`);
  const staying = new Set(
    versionsOf(world)
      .filter((version) => !toDelete.has(version))
      .flatMap(contents),
  );
  const lost = new Set([...toDelete].flatMap(contents).filter((content) => !staying.has(content)));
  return [...lost].reduce((sum, content) => {
    const [project = "", digest = ""] = content.split(" ");
    return sum + (world.blobs.get(project)?.get(digest) ?? 0);
  }, 0);
}

function selectPrunable(
  world: World,
  { project, artifact, olderThan, keepLast = 1 }: Input<"prune">,
): Set<PlainVersion> {
  const before = olderThan ? Date.parse(olderThan) : Number.POSITIVE_INFINITY;
  const some = [...world.artifacts.values()].filter(
    (item) => item.project === project && (artifact === undefined || item.name === artifact),
  );
  const prunable = some.flatMap((item) => {
    const versions = item.versions.filter(there);
    return versions
      .slice(0, Math.max(versions.length - keepLast, 0))
      .filter((version) => version.createdAt < before && !aliasesOf(item, version).length);
  });
  const toDelete = new Set(prunable);
  for (let size = -1; size !== toDelete.size; ) {
    size = toDelete.size;
    for (const version of toDelete)
      if ([...living(world, version)].some((other) => !toDelete.has(other))) toDelete.delete(version);
  }
  return toDelete;
}

/** `prune` in the model. */
export function prune(world: World, input: Input<"prune">, problems: Set<string>): Outcome {
  const { project, artifact } = input;
  const there = artifact === undefined ? world.projects.has(project) : world.artifacts.has(`${project}/${artifact}`);
  if (!there) problems.add("NOT_FOUND");
  if (problems.size) return refused(problems);
  const toDelete = selectPrunable(world, input);
  const pruned = { versions: [...toDelete], bytes: bytesOf(world, toDelete) };
  if (!input.dryRun) {
    const times = new Map(
      [...new Set(pruned.versions.map(({ artifact }) => artifact))].map((item) => [item, tick(world, item)]),
    );
    for (const version of toDelete) deleteInModel(world, version, times.get(version.artifact) ?? 0);
  }
  return { codes: null, created: false, pruned };
}
