import { refused } from "./executions.ts";
import { moveAlias } from "./placing.ts";
import type { Input, Words } from "./requests.ts";
import { resolve } from "./resolve.ts";
import type { Outcome, PlainArtifact, PlainVersion, Ref, World } from "./state.ts";

/** The version of a reference, for a change; a deleted one adds `GONE` to `problems`. */
export function changeable(world: World, ref: Ref, problems: Set<string>): PlainVersion | undefined {
  const version = resolve(world, ref, problems);
  if (version?.state === "DELETED") problems.add("GONE");
  return version;
}

/** The artifact; if it was deleted, adds `NOT_FOUND` to `problems`. */
export function artifactThere(
  world: World,
  { project, name }: { project: string; name: string },
  problems: Set<string>,
): PlainArtifact | undefined {
  const artifact = world.artifacts.get(`${project}/${name}`);
  if (!artifact || artifact.deleted) problems.add("NOT_FOUND");
  return artifact;
}

/** Advances an artifact's clock. */
export function tick(world: World, artifact: PlainArtifact): number {
  artifact.clock = Math.max(artifact.clock + 1, world.now);
  return artifact.clock;
}

function changedTags(tags: string[], { add = [], remove = [] }: Words = {}): string[] {
  return [...new Set([...tags.filter((tag) => !remove.includes(tag)), ...add])];
}

/** Segments of a dotted key; a backslash escapes the next character. */
function segments(key: string): string[] {
  return key.split(/(?<!(?:^|[^\\])(?:\\\\)*\\)\./).map((segment) => segment.replace(/\\(.)/g, "$1"));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !("$type" in value);
}

function removeKey(metadata: Record<string, unknown>, key: string): void {
  const path = segments(key);
  const last = path.pop() ?? "";
  let at: unknown = metadata;
  for (const segment of path) at = isPlainObject(at) && Object.hasOwn(at, segment) ? at[segment] : undefined;
  if (isPlainObject(at)) delete at[last];
}

function changeMetadata(
  metadata: Record<string, unknown>,
  { set = {}, remove = [] }: NonNullable<Input<"updateVersion">["metadata"]>,
): Record<string, unknown> {
  const changed = structuredClone(metadata);
  for (const key of remove) removeKey(changed, key);
  return { ...changed, ...set };
}

function checkVersionName(version: PlainVersion, name: string | undefined, problems: Set<string>): void {
  if (!name || name === version.versionName) return;
  if (version.versionName) problems.add("IMMUTABLE");
  if (version.artifact.names.has(name)) problems.add("ALREADY_EXISTS");
}

/** `updateVersion` in the model. */
export function updateVersion(world: World, input: Input<"updateVersion">, problems: Set<string>): Outcome {
  const version = changeable(world, input.ref, problems);
  const { versionName, tags, labels, metadata } = input;
  if (version) checkVersionName(version, versionName, problems);
  if (problems.size || !version) return refused(problems);
  version.updatedAt = tick(world, version.artifact);
  if (versionName) {
    version.versionName = versionName;
    version.artifact.names.set(versionName, { version, fixed: true });
  }
  if (input.description !== undefined) version.description = input.description;
  version.tags = changedTags(version.tags, tags);
  for (const key of labels?.remove ?? []) version.labels.delete(key);
  for (const { key, value } of labels?.set ?? []) version.labels.set(key, value);
  if (metadata) version.metadata = changeMetadata(version.metadata, metadata);
  world.events.push({ type: "VERSION_UPDATED", project: version.artifact.project, version });
  return { codes: null, created: false, version };
}

/** `updateArtifact` in the model. */
export function updateArtifact(world: World, input: Input<"updateArtifact">, problems: Set<string>): Outcome {
  const artifact = artifactThere(world, input, problems);
  if (problems.size || !artifact) return refused(problems);
  artifact.updatedAt = tick(world, artifact);
  artifact.tags = changedTags(artifact.tags, input.tags);
  if (input.description !== undefined) artifact.description = input.description;
  world.events.push({ type: "ARTIFACT_UPDATED", project: artifact.project });
  return { codes: null, created: false, artifact };
}

/** `updateProject` in the model. */
export function updateProject(world: World, input: Input<"updateProject">, problems: Set<string>): Outcome {
  const { name, ...changes } = input;
  const project = world.projects.get(name);
  if (!project) problems.add("NOT_FOUND");
  if (problems.size || !project) return refused(problems);
  Object.assign(project, changes);
  world.events.push({ type: "PROJECT_UPDATED", project: name });
  return { codes: null, created: false };
}

/** The expected holder can't be given by an alias, or by what may be one. */
function checkExpected(
  world: World,
  expected: Ref | null | undefined,
  holder: PlainVersion | undefined,
  problems: Set<string>,
): void {
  if (expected === undefined) return;
  const version = expected && resolve(world, expected, problems);
  const { want } = expected ?? {};
  const moving = want?.by === "name" && typeof want.selector === "string" && want.selector !== "latest";
  if (moving && version?.versionName !== want.selector) problems.add("INVALID_INPUT");
  if ((version ?? undefined) !== holder) problems.add("CONFLICT");
}

/** `setAlias` in the model. */
export function setAlias(world: World, input: Input<"setAlias">, problems: Set<string>): Outcome {
  const { ref, alias, expectedCurrent } = input;
  const version = changeable(world, ref, problems);
  const holder = version?.artifact.names.get(alias);
  checkExpected(world, expectedCurrent, holder?.version, problems);
  if (holder?.fixed) problems.add("ALREADY_EXISTS");
  if (problems.size || !version) return refused(problems);
  moveAlias(world, alias, version, tick(world, version.artifact));
  return { codes: null, created: false, version };
}

/** Removes an alias from its holder. */
export function dropAlias(world: World, artifact: PlainArtifact, alias: string, at: number): void {
  const previous = artifact.names.get(alias)?.version;
  if (!previous) return;
  artifact.names.delete(alias);
  artifact.moves.push({ alias, from: previous, to: null, at });
  world.events.push({ type: "ALIAS_MOVED", project: artifact.project, alias, previous });
}

/** `removeAlias` in the model. */
export function removeAlias(world: World, input: Input<"removeAlias">, problems: Set<string>): Outcome {
  const artifact = artifactThere(world, input, problems);
  const holder = artifact?.names.get(input.alias);
  if (!holder) problems.add("NOT_FOUND");
  else if (holder.fixed) problems.add("IMMUTABLE");
  checkExpected(world, input.expectedCurrent, holder?.version, problems);
  if (problems.size || !artifact) return refused(problems);
  dropAlias(world, artifact, input.alias, tick(world, artifact));
  return { codes: null, created: false, artifact };
}
