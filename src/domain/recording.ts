import type { Kind } from "../model/enums.ts";
import type { Transaction } from "../ports/graph-store.ts";
import { statement, type Value } from "../ports/statement.ts";
import { checkName } from "./checks.ts";
import type { Deps } from "./deps.ts";
import { invalid, notFound, Refusal } from "./errors.ts";
import { rankOf } from "./execution-draft.ts";
import { groupBy } from "./group.ts";
import { type Actor, authorise } from "./permissions.ts";
import { type AskedReference, artifactKey, resolveReferences } from "./resolve.ts";
import type { ExecutionRow, ProjectRow, VersionRow } from "./rows.ts";
import { fillLocation, fillName } from "./templates.ts";
import type { VersionDraft } from "./version-draft.ts";
import type { NewEvent } from "./write.ts";

/** A run to be, with its steps; properties as the graph holds them. */
export interface NewRun {
  properties: ExecutionRow;
  tags: string[];
  steps: { properties: ExecutionRow; tags: string[] }[];
}

/** Something made: a new version, or one that is there; by an execution (new or not), or by nobody known. */
export interface PlannedOutput {
  execution: string | null;
  slot: string;
  role: string;
  made: VersionDraft | AskedReference;
  /** How many outputs its step has in the call, for the default name. */
  siblings: number;
}

/** Something read by an execution: a version that is there, or an output of the same call. */
export interface PlannedInput {
  execution: string;
  slot: string;
  role: string;
  read: AskedReference | PlannedOutput;
}

/** Everything that one call records, in one transaction and at most 10 statements. */
export interface Recording {
  project: string;
  run: NewRun | null;
  /** Executions that must be there already, and the fields that name them. */
  existing: { id: string; field: string; label?: "Run" | "Step" }[];
  outputs: PlannedOutput[];
  inputs: PlannedInput[];
}

/** A version that a call made, or found unchanged. */
export interface RecordedVersion {
  row: VersionRow;
  created: boolean;
}

/** What was recorded. `end` is a time at or after every time in it. */
export interface Recorded {
  versions: Map<PlannedOutput, RecordedVersion>;
  executions: Map<string, ExecutionRow>;
  events: NewEvent[];
  end: number;
}

type Run = Transaction["run"];
type LockedArtifact = {
  key: string;
  kind: Kind;
  number: number;
  clock: number;
  latestId: string | null;
  latest: VersionRow;
};
type SelectorRow = { key: string; artifactKey: string; name: string; fixed: boolean; version: string };
type PointedRow = {
  key: string;
  version: string;
  taken: boolean;
  previous: string | null;
  previousNumber: number | null;
};
type EdgeRow = { version: string; execution: string; slot: string; role: string; rank: string };

const mergeProjects = statement<
  { projects: { name: string; id: string; description: string | null }[]; now: number },
  { project: ProjectRow; created: boolean }
>("merge-projects");
const findExecutions = statement<{ ids: string[] }, { execution: ExecutionRow; run: ExecutionRow | null }>(
  "find-executions",
);
const findBlobs = statement<{ ids: string[]; now: number }, { id: string; size: number }>("find-blobs");
const lockArtifacts = statement<{ artifacts: Value; now: number }, LockedArtifact>("lock-artifacts");
const createVersions = statement<{ versions: Value }, { created: number }>("create-versions");
const pointSelectors = statement<{ selectors: SelectorRow[] }, PointedRow>("point-selectors");
const createRun = statement<{ run: Value; tags: string[]; steps: Value }, { id: string }>("create-run");
const linkConsumed = statement<{ edges: EdgeRow[]; now: number }, { recorded: number }>("link-consumed");
const linkProduced = statement<{ edges: EdgeRow[]; now: number }, { recorded: number }>("link-produced");

/** Creates the projects that are missing; the rows say which were. */
export const ensureProjects = (deps: Deps, run: Run, names: string[], description: string | null = null) =>
  run(mergeProjects, {
    projects: [...new Set(names)].sort().map((name) => ({ name, id: deps.newId(), description })),
    now: deps.now(),
  });

const isDraft = (made: VersionDraft | AskedReference): made is VersionDraft => "template" in made;
const isOutput = (read: AskedReference | PlannedOutput): read is PlannedOutput => "made" in read;

/** The runs and steps by id; one that isn't there, or is of the other kind, is `NOT_FOUND`. */
export const loadExecutions = async (
  run: Run,
  actor: Actor,
  asked: Recording["existing"],
): Promise<Map<string, { execution: ExecutionRow; run: ExecutionRow | null }>> => {
  if (!asked.length) return new Map();
  const rows = await run(findExecutions, { ids: [...new Set(asked.map(({ id }) => id))] });
  const found = new Map(rows.map((row) => [row.execution.id, row]));
  for (const { id, field, label } of asked) {
    const row = found.get(id);
    if (!row || (label && row.execution.label !== label))
      throw notFound(`${field}: ${(label ?? "execution").toLowerCase()} ${id}`);
    authorise(actor, "project:read", row.execution.project);
  }
  return found;
};

type Named = { output: PlannedOutput; draft: VersionDraft; name: string; key: string; location: string | null };

const defaultName = (output: PlannedOutput): string =>
  output.siblings > 1 && output.slot ? `{pipeline}::{step}::${output.slot}` : "{pipeline}::{step}::output";

/** The runs and steps that names and locations can speak of: those of the call, and those that were there. */
const executionsOf = (recording: Recording, existing: Awaited<ReturnType<typeof loadExecutions>>) => {
  const all = new Map([...existing].map(([id, { execution, run }]) => [id, { execution, run }]));
  const run = recording.run;
  if (run) {
    all.set(run.properties.id, { execution: run.properties, run: null });
    for (const step of run.steps) all.set(step.properties.id, { execution: step.properties, run: run.properties });
  }
  return all;
};

const nameOutputs = (recording: Recording, executions: ReturnType<typeof executionsOf>, at: number): Named[] =>
  recording.outputs.flatMap((output) => {
    if (!isDraft(output.made)) return [];
    const draft = output.made;
    const maker = output.execution ? executions.get(output.execution) : undefined;
    const run = maker?.run ?? (maker?.execution.label === "Run" ? maker.execution : null);
    const step = maker?.execution.label === "Step" ? maker.execution.name : null;
    const field = `${draft.field}name`;
    if (draft.template === null && !step)
      throw invalid(field, "an artifact's name is wanted: only outputs of steps have a default");
    const context = {
      at,
      run: run?.name,
      pipeline: run?.pipeline ?? run?.name,
      step,
      substitutions: draft.substitutions,
    };
    const name = checkName(fillName(draft.template ?? defaultName(output), context, field), field);
    const { location } = draft.properties;
    const filled = location && fillLocation(location, draft.project, run?.id ?? null, `${draft.field}location`);
    return [{ output, draft, name, key: artifactKey(draft.project, name), location: filled }];
  });

const blobId = (project: string, digest: string): string => `${project}/${digest}`;

const findSizes = async (run: Run, named: Named[], now: number): Promise<Map<string, number>> => {
  const ids = new Set(named.flatMap(({ draft }) => draft.files.map((file) => blobId(draft.project, file.digest))));
  if (!ids.size) return new Map();
  const sizes = new Map((await run(findBlobs, { ids: [...ids].sort(), now })).map((row) => [row.id, row.size]));
  for (const { draft } of named) {
    draft.files.forEach((file, i) => {
      const size = sizes.get(blobId(draft.project, file.digest));
      const field = `${draft.field}files[${i}]`;
      if (size === undefined) {
        throw notFound(
          `${field}.digest: ${file.digest} is not in project ${draft.project}'s store (PUT /blobs first): it`,
        );
      }
      const declared = file.size ?? size;
      if (declared !== size) throw invalid(`${field}.size`, `the blob has ${size} bytes, not ${declared}`);
    });
  }
  return sizes;
};

const lock = async (deps: Deps, run: Run, named: Named[], now: number): Promise<Map<string, LockedArtifact>> => {
  const first = new Map([...named].reverse().map((item) => [item.key, item]));
  if (!first.size) return new Map();
  const artifacts = [...first.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, name, draft }) => ({
      key,
      name,
      id: deps.newId(),
      project: draft.project,
      kind: draft.kind ?? draft.defaultKind,
      text: name.toLowerCase(),
    }));
  return new Map((await run(lockArtifacts, { artifacts, now })).map((row) => [row.key, { ...row }]));
};

/** Files' digests, or location and etag; what has neither is only its metadata. */
const sameContent = (draft: Named, latest: VersionRow): boolean => {
  const { digest, etag, metadata } = draft.draft.properties;
  if (digest !== (latest.digest ?? null) || draft.location !== (latest.location ?? null)) return false;
  if (etag !== (latest.etag ?? null)) return false;
  return digest !== null || draft.location !== null || metadata === latest.metadata;
};

type Placed = Named & { row: VersionRow; created: boolean; artifactKind: Kind };

/** Gives each draft its number and time under its artifact's lock, or the version that it equals. */
const place = (
  actor: Actor,
  named: Named[],
  locked: Map<string, LockedArtifact>,
  sizes: Map<string, number>,
): Placed[] =>
  named.map((item) => {
    const artifact = locked.get(item.key);
    if (!artifact) throw new Error(`the artifact ${item.key} was not locked`);
    const { draft } = item;
    if (draft.ifChanged && artifact.latestId && sameContent(item, artifact.latest)) {
      return { ...item, row: artifact.latest, created: false, artifactKind: artifact.kind };
    }
    const kind = draft.kind ?? artifact.kind;
    const number = artifact.number + 1;
    const at = artifact.clock;
    const bytes = draft.files.reduce((sum, file) => sum + (sizes.get(blobId(draft.project, file.digest)) ?? 0), 0);
    const row: VersionRow = {
      ...draft.properties,
      id: draft.id,
      key: `${item.key}:${number}`,
      project: draft.project,
      artifactKey: item.key,
      artifact: item.name,
      number,
      versionName: draft.versionName,
      kind,
      state: "READY",
      location: item.location,
      size: draft.files.length ? bytes : draft.properties.size,
      author: actor.name,
      createdAt: at,
      updatedAt: at,
    };
    Object.assign(artifact, { number, clock: at + 1, kind, latestId: draft.id, latest: row });
    return { ...item, row, created: true, artifactKind: kind };
  });

const create = async (run: Run, placed: Placed[], references: Map<string, VersionRow>): Promise<void> => {
  const fresh = placed.filter((item) => item.created);
  if (!fresh.length) return;
  const versions = fresh.map(({ draft, row, artifactKind, name }) => ({
    properties: { ...row, text: `${name}\n${row.description ?? ""}`.toLowerCase() },
    artifactKind,
    tags: draft.tags,
    labels: draft.labels.map(({ key, value }) => ({ key, value })),
    leaves: draft.leaves.map((leaf) => ({ ...leaf })),
    files: draft.files.map(({ path, digest }) => ({ path, blob: blobId(draft.project, digest) })),
    links: draft.links.map(({ rel, reference }) => ({ rel, version: references.get(reference.text)?.id ?? null })),
  }));
  await run(createVersions, { versions });
};

const selectorRows = (placed: Placed[]): SelectorRow[] =>
  placed.flatMap(({ draft, row, key: artifact, created }) => {
    const of = (name: string, fixed: boolean) => ({
      key: `${artifact}:${name}`,
      artifactKey: artifact,
      name,
      fixed,
      version: row.id,
    });
    const fixed = draft.versionName && created ? [of(draft.versionName, true)] : [];
    return [...fixed, ...draft.aliases.map((name) => of(name, false))];
  });

/** Points version names and aliases; returns the aliases that moved. A name that is taken for good is `ALREADY_EXISTS`. */
const point = async (run: Run, placed: Placed[]): Promise<(PointedRow & { name: string; artifactKey: string })[]> => {
  const selectors = selectorRows(placed);
  if (!selectors.length) return [];
  const twice = [...groupBy(selectors, (row) => row.key).values()].find((rows) => rows.length > 1)?.[0];
  if (twice) throw invalid("aliases", `"${twice.name}" is given to two versions of ${twice.artifactKey} in one call`);
  const rows = await run(pointSelectors, { selectors });
  return rows.flatMap((row) => {
    const asked = selectors.find((selector) => selector.key === row.key);
    if (!asked) return [];
    if (row.previous && (row.taken || asked.fixed)) {
      const holder = `${asked.artifactKey}:${row.previousNumber}`;
      throw new Refusal("ALREADY_EXISTS", `"${asked.name}" is taken: it names ${holder}`, { holder });
    }
    return asked.fixed || row.previous === row.version
      ? []
      : [{ ...row, name: asked.name, artifactKey: asked.artifactKey }];
  });
};

const link = async (
  deps: Deps,
  run: Run,
  recording: Recording,
  versionOf: (made: VersionDraft | AskedReference, output?: PlannedOutput) => string,
  now: number,
): Promise<void> => {
  const unique = deps.newId();
  const rank = (i: number) => rankOf(now, i, unique);
  const sorted = (edges: EdgeRow[]) => edges.sort((a, b) => (a.version < b.version ? -1 : 1));
  const consumed = recording.inputs.map(({ execution, slot, role, read }, i) => {
    const version = isOutput(read) ? versionOf(read.made, read) : versionOf(read);
    return { version, execution, slot, role, rank: rank(i) };
  });
  const produced = recording.outputs.flatMap((output, i) => {
    const { execution, slot, role, made } = output;
    return execution ? [{ version: versionOf(made, output), execution, slot, role, rank: rank(i) }] : [];
  });
  if (consumed.length) await run(linkConsumed, { edges: sorted(consumed), now });
  if (produced.length) await run(linkProduced, { edges: sorted(produced), now });
};

const askedReferences = (recording: Recording): AskedReference[] => [
  ...recording.inputs.flatMap(({ read }) => (isOutput(read) ? [] : [read])),
  ...recording.outputs.flatMap(({ made }) => (isDraft(made) ? made.links.map((item) => item.reference) : [made])),
];

const versionEvents = (
  placed: Placed[],
  moved: Awaited<ReturnType<typeof point>>,
  executions: ReturnType<typeof executionsOf>,
) =>
  placed.flatMap(({ row, draft, created, output }): NewEvent[] => {
    const maker = output.execution ? executions.get(output.execution) : undefined;
    const runId = maker?.run?.id ?? (maker?.execution.label === "Run" ? maker.execution.id : undefined);
    const about = {
      at: row.createdAt,
      project: row.project,
      artifactKey: row.artifactKey,
      kind: row.kind,
      version: row.id,
    };
    const logged: NewEvent = {
      ...about,
      type: "VERSION_LOGGED",
      tags: draft.tags,
      ...(runId && { run: runId }),
      ...(maker?.execution.label === "Step" && { step: maker.execution.id }),
    };
    const aliases = moved
      .filter((item) => item.version === row.id)
      .map(
        (item): NewEvent => ({
          ...about,
          type: "ALIAS_MOVED",
          alias: item.name,
          ...(item.previous && { previous: item.previous }),
        }),
      );
    return created ? [logged, ...aliases] : aliases;
  });

/** Records a call's run, versions, edges and names in the transaction; all of it or, by a refusal, nothing. */
export const record = async (deps: Deps, actor: Actor, tx: Transaction, recording: Recording): Promise<Recorded> => {
  const now = deps.now();
  const { run } = tx;
  const projects = [
    recording.project,
    ...recording.outputs.flatMap(({ made }) => (isDraft(made) ? [made.project] : [])),
  ];
  for (const project of new Set(projects)) authorise(actor, "version:log", project);
  await ensureProjects(deps, run, projects);
  const references = await resolveReferences(run, actor, askedReferences(recording));
  const executions = executionsOf(recording, await loadExecutions(run, actor, recording.existing));
  const named = nameOutputs(recording, executions, now);
  const sizes = await findSizes(run, named, now);
  const placed = place(actor, named, await lock(deps, run, named, now), sizes);
  await create(run, placed, references);
  const moved = await point(run, placed);
  if (recording.run) await writeRun(run, recording.run);
  const byOutput = new Map(placed.map((item) => [item.output, item]));
  const versionOf = (made: VersionDraft | AskedReference, output?: PlannedOutput): string => {
    const id = isDraft(made) ? output && byOutput.get(output)?.row.id : references.get(made.text)?.id;
    if (!id) throw new Error("an output of the call has no version");
    return id;
  };
  await link(deps, run, recording, versionOf, now);
  return {
    versions: new Map(placed.map(({ output, row, created }) => [output, { row, created }])),
    executions: new Map([...executions].map(([id, item]) => [id, item.execution])),
    events: versionEvents(placed, moved, executions),
    end: Math.max(now, ...placed.map(({ row }) => row.createdAt)),
  };
};

const writeRun = (run: Run, { properties, tags, steps }: NewRun) =>
  run(createRun, {
    run: { ...properties, parent: properties.parent ?? null },
    tags,
    steps: steps.map((step) => ({ properties: { ...step.properties }, tags: step.tags })),
  });
