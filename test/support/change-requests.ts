import type { Request, Words } from "../oracle/requests.ts";
import type { PlainArtifact, Ref, World } from "../oracle/state.ts";
import { anyMetadata, type Picker, reference, type Stage, someKeys, tags, words } from "./pieces.ts";

function someWords(p: Picker): { tags?: Words } {
  return p.chance(50) ? { tags: { add: p.some(tags, 2), remove: p.some(tags, 2) } } : {};
}

function described(p: Picker): { description?: string | null } {
  return p.chance(40) ? { description: p.must([null, "Größe ΣΊΣΥΦΟΣ", "説明", ""]) } : {};
}

function labelChange(p: Picker) {
  const set = p.some(["von", "層"], 1).map((key) => ({ key, value: p.must(["ß", "", "β"]) }));
  return p.chance(40) ? { labels: { set, remove: p.some(["von", "an", "none"], 2) } } : {};
}

type Change = Request & { verb: "updateVersion" };
const flaws: { flaw: string; with: Partial<Change["input"]> }[] = [
  { flaw: "INVALID_INPUT", with: { versionName: "123" } },
  { flaw: "INVALID_INPUT", with: { tags: { add: [""] } } },
  { flaw: "TOO_LARGE", with: { tags: { add: ["x".repeat(10_000)] } } },
  { flaw: "INVALID_INPUT", with: { labels: { set: ["1", "2"].map((value) => ({ key: "k", value })) } } },
  { flaw: "INVALID_INPUT", with: { metadata: { set: { t: { $type: "STORAGE_SIZE", value: -1 } } } } },
];

function updateVersion(world: World, p: Picker): Change {
  const wrong = p.chance(6) ? p.pick(flaws) : undefined;
  return {
    verb: "updateVersion",
    ...(wrong && { flaw: wrong.flaw }),
    input: {
      ref: reference(world, p),
      ...described(p),
      ...someWords(p),
      ...labelChange(p),
      ...(p.chance(50) && { metadata: { set: anyMetadata(p), remove: someKeys(p) } }),
      ...(p.chance(25) && { versionName: p.pick(words) ?? "" }),
      ...wrong?.with,
    },
  };
}

/** An existing or deleted artifact, or now and then one that never existed. */
function place(world: World, stage: Stage, p: Picker) {
  const artifact: PlainArtifact | undefined = p.chance(4) ? undefined : p.pick([...world.artifacts.values()]);
  const { project, name } = artifact ?? { project: stage.projects[2] ?? "", name: "niemand" };
  return { project, name, artifact };
}

function updateArtifact(world: World, stage: Stage, p: Picker): Request {
  const { project, name } = place(world, stage, p);
  return { verb: "updateArtifact", input: { project, name, ...described(p), ...someWords(p) } };
}

function updateProject(stage: Stage, p: Picker): Request {
  const bad = p.chance(15);
  return {
    verb: "updateProject",
    ...(bad && { flaw: "INVALID_INPUT" }),
    input: {
      name: p.pick(stage.projects) ?? "",
      ...described(p),
      ...(p.chance(40) && { storagePrefix: p.must([null, "data/{{project}}"]) }),
      ...(p.chance(40) && { staleAfterSeconds: p.must([null, 10_000_000]) }),
      ...(bad && p.must([{ storagePrefix: "../x" }, { staleAfterSeconds: 0 }])),
    },
  };
}

/** The expected holder: often the right one, else none or a wrong one. */
function expected(world: World, artifact: PlainArtifact | undefined, alias: string, p: Picker) {
  if (p.chance(50)) return {};
  const holder = artifact?.names.get(alias)?.version;
  const right = holder && { want: { by: "id", version: holder } as const, text: holder.id, toJSON: () => holder.id };
  const expectedCurrent: Ref | null = p.chance(60) ? (right ?? null) : p.chance(50) ? null : reference(world, p);
  return { expectedCurrent };
}

function setAlias(world: World, p: Picker): Request {
  const ref = reference(world, p);
  const bad = p.chance(4);
  const alias = bad ? p.must(["latest", "12", "a/b"]) : (p.pick(words) ?? "");
  const { want } = ref;
  const artifact = want.by === "name" ? world.artifacts.get(`${want.project}/${want.name}`) : undefined;
  return {
    verb: "setAlias",
    ...(bad && { flaw: "INVALID_INPUT" }),
    input: { ref, alias, ...expected(world, artifact, alias, p) },
  };
}

function removeAlias(world: World, stage: Stage, p: Picker): Request {
  const named = [...world.artifacts.values()].filter(({ names }) => names.size);
  const artifact = p.chance(80) && named.length ? p.pick(named) : place(world, stage, p).artifact;
  const { project, name } = artifact ?? { project: stage.projects[0] ?? "", name: "niemand" };
  const alias = p.pick(p.chance(70) && artifact?.names.size ? [...artifact.names.keys()] : words) ?? "none";
  return { verb: "removeAlias", input: { project, name, alias, ...expected(world, artifact, alias, p) } };
}

function force(p: Picker) {
  return p.chance(35) ? { force: true } : {};
}

function prune(world: World, stage: Stage, p: Picker): Request {
  const { project, name, artifact } = place(world, stage, p);
  const bad = p.chance(5);
  const time = artifact && p.pick(artifact.versions)?.createdAt;
  return {
    verb: "prune",
    ...(bad && { flaw: "INVALID_INPUT" }),
    input: {
      project,
      ...(p.chance(50) && { artifact: name }),
      ...(p.chance(50) && time && { olderThan: new Date(time).toISOString() }),
      ...(p.chance(60) && { keepLast: p.count(2) }),
      ...(p.chance(40) && { dryRun: true }),
      ...(bad && { keepLast: -1 }),
    },
  };
}

/** The request for a change of a recorded item; undefined for other verbs. */
export function toChange(world: World, stage: Stage, verb: string, p: Picker): Request | undefined {
  if (verb === "updateVersion") return updateVersion(world, p);
  if (verb === "updateArtifact") return updateArtifact(world, stage, p);
  if (verb === "updateProject") return updateProject(stage, p);
  if (verb === "setAlias") return setAlias(world, p);
  if (verb === "removeAlias") return removeAlias(world, stage, p);
  if (verb === "prune") return prune(world, stage, p);
  if (verb === "deleteVersion") {
    return { verb, input: { ref: reference(world, p), ...(p.chance(25) && { bytesOnly: true }), ...force(p) } };
  }
  if (verb !== "deleteArtifact") return undefined;
  const { project, name } = place(world, stage, p);
  return { verb, input: { project, name, ...force(p) } };
}
