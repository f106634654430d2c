import { resolve } from "./resolve.ts";
import {
  latestOf,
  type PlainArtifact,
  type PlainExecution,
  type PlainSpec,
  type PlainVersion,
  type World,
} from "./state.ts";

/** A version to log, its artifact, and its producer. */
export interface Asked {
  spec: PlainSpec;
  project: string;
  maker: PlainExecution | null;
  /** The default name of a step output. */
  defaultName?: string;
}

/** The result of logging: a new version, or the latest one when nothing changed. */
export interface Placed {
  version: PlainVersion;
  created: boolean;
  artifact: PlainArtifact;
  /** By the artifact's clock. */
  at: number;
}

function sorted(value: unknown): unknown {
  if (!value || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** JSON text that is equal for equal content, whatever the order of the keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
}

/** What `ifChanged` compares: bytes or their location, else metadata. */
function contentOf(spec: PlainSpec, location: string | null): string {
  if (spec.files?.length) return canonical(Object.fromEntries(spec.files.map((file) => [file.path, file.digest])));
  if (location) return canonical([location, spec.etag ?? null, spec.digest ?? null]);
  return `metadata ${canonical(spec.metadata ?? {})}`;
}

/** Files count by their bytes and paths. */
function sameContent(spec: PlainSpec, location: string | null, other: PlainVersion): boolean {
  return contentOf(spec, location) === contentOf({ ...other.spec, metadata: other.metadata }, other.location);
}

function defaultKind(spec: PlainSpec): string {
  if (spec.dataset) return "DATASET";
  if (spec.model) return "MODEL";
  if ((spec.files?.length ?? 0) > 1) return "DIRECTORY";
  return spec.location ? "LINK" : "ARTIFACT";
}

/** The name of the artifact with its placeholders filled in. */
function filledName({ spec, defaultName = "" }: Asked): string {
  return (spec.name ?? defaultName).replace(/\{(\w+)\}/g, (_whole, key: string) => spec.substitutions?.[key] ?? "");
}

function checkFiles(world: World, { spec, project }: Asked, problems: Set<string>): void {
  for (const file of spec.files ?? []) {
    const size = world.blobs.get(project)?.get(file.digest);
    if (size === undefined) problems.add("NOT_FOUND");
    else if (file.size !== undefined && file.size !== size) problems.add("INVALID_INPUT");
  }
}

function checkNames(
  artifact: PlainArtifact,
  version: PlainVersion,
  spec: PlainSpec,
  given: Set<string>,
  problems: Set<string>,
) {
  const words = [...(spec.aliases ?? []), ...(spec.versionName ? [spec.versionName] : [])];
  if (new Set(words).size < words.length) problems.add("INVALID_INPUT");
  const name = version.spec === spec ? spec.versionName : undefined;
  for (const word of [...(name ? [name] : []), ...(spec.aliases ?? [])]) {
    const key = `${artifact.project}/${artifact.name}:${word}`;
    if (given.has(key)) problems.add("INVALID_INPUT");
    given.add(key);
    const holder = artifact.names.get(word);
    if (holder && (holder.fixed || word === name)) problems.add("ALREADY_EXISTS");
  }
}

function artifactFor(world: World, asked: Asked, name: string): PlainArtifact {
  return {
    id: "",
    project: asked.project,
    name,
    kind: asked.spec.kind ?? defaultKind(asked.spec),
    clock: 0,
    createdAt: world.now,
    updatedAt: world.now,
    description: null,
    tags: [],
    deleted: false,
    versions: [],
    moves: [],
    names: new Map(),
  };
}

/** A copy of the artifact for this call, created if missing. Every call that logs to it advances its clock, whether or not anything changes. */
function lock(world: World, asked: Asked, copies: Map<string, PlainArtifact>): PlainArtifact {
  const name = filledName(asked);
  const key = `${asked.project}/${name}`;
  const copy = copies.get(key);
  if (copy) return copy;
  const known = world.artifacts.get(key);
  const artifact = known
    ? { ...known, deleted: false, versions: [...known.versions] }
    : artifactFor(world, asked, name);
  artifact.clock = Math.max(artifact.clock + 1, world.now);
  copies.set(key, artifact);
  return artifact;
}

type Logged = Pick<PlainVersion, "artifact" | "number" | "kind" | "spec" | "location" | "links" | "createdAt">;
function newVersion(logged: Logged): PlainVersion {
  return {
    ...logged,
    id: "",
    updatedAt: logged.createdAt,
    state: "READY",
    bytesGone: false,
    versionName: logged.spec.versionName ?? null,
    description: logged.spec.description ?? null,
    metadata: logged.spec.metadata ?? {},
    tags: logged.spec.tags ?? [],
    labels: new Map((logged.spec.labels ?? []).map(({ key, value }) => [key, value])),
  };
}

function placeOne(
  world: World,
  { spec, project, maker }: Asked,
  artifact: PlainArtifact,
  problems: Set<string>,
): Placed {
  const run = maker?.run ?? maker;
  const location = spec.location?.replace("{{project}}", project).replace("{{run.id}}", run?.id ?? "") ?? null;
  const links = (spec.links ?? []).flatMap(({ rel, version }) => {
    const found = resolve(world, version, problems);
    return found ? [{ rel, version: found }] : [];
  });
  const latest = latestOf(artifact);
  if (spec.ifChanged && latest && !latest.bytesGone && sameContent(spec, location, latest))
    return { version: latest, created: false, artifact, at: artifact.clock };
  const kind = spec.kind ?? artifact.kind;
  const number = (artifact.versions.at(-1)?.number ?? 0) + 1;
  // Only a version that is new in this call has no id yet: the next one gets the following time.
  const at = artifact.versions.at(-1)?.id === "" ? artifact.clock + 1 : artifact.clock;
  const version = newVersion({ artifact, number, kind, spec, location, links, createdAt: at });
  artifact.versions.push(version);
  Object.assign(artifact, { kind, updatedAt: at, clock: at });
  return { version, created: true, artifact, at };
}

/**
 * Computes the result of logging these versions in one call without applying it: copies of the artifacts as they would become. Adds what
 * speaks against it to `problems`.
 */
export function place(world: World, all: Asked[], problems: Set<string>) {
  const artifacts = new Map<string, PlainArtifact>();
  const given = new Set<string>();
  const placed = all.map((asked) => {
    const one = placeOne(world, asked, lock(world, asked, artifacts), problems);
    checkFiles(world, asked, problems);
    checkNames(one.artifact, one.version, asked.spec, given, problems);
    return one;
  });
  return { placed, artifacts };
}

/** Points an alias to a version of its artifact; without a change there is no event. */
export function moveAlias(world: World, alias: string, version: PlainVersion, at: number): void {
  const { artifact } = version;
  const previous = artifact.names.get(alias)?.version;
  artifact.names.set(alias, { version, fixed: false });
  if (previous === version) return;
  artifact.moves.push({ alias, from: previous ?? null, to: version, at });
  const { project } = artifact;
  world.events.push({ type: "ALIAS_MOVED", project, version, alias, ...(previous && { previous }) });
}

/** Applies the plan: artifacts, versions, names and events of each version. */
export function commit(world: World, all: Asked[], { placed, artifacts }: ReturnType<typeof place>): void {
  for (const [key, planned] of artifacts) {
    const artifact = world.artifacts.get(key) ?? planned;
    const made = placed.filter((item) => item.artifact === planned && item.created);
    Object.assign(artifact, { ...planned, names: artifact.names });
    for (const { version } of made) version.artifact = artifact;
    world.artifacts.set(key, artifact);
  }
  placed.forEach(({ version, created, at }, i) => {
    const { spec, maker } = all[i] ?? { spec: {}, maker: null };
    const { artifact } = version;
    const about = { project: artifact.project, version };
    if (created) {
      world.events.push({ ...about, type: "VERSION_LOGGED", ...(maker && { execution: maker }) });
      if (spec.versionName) artifact.names.set(spec.versionName, { version, fixed: true });
    }
    for (const alias of spec.aliases ?? []) {
      moveAlias(world, alias, version, at);
    }
  });
}
