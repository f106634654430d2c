import { digestOf } from "../oracle/resolve.ts";
import { latestOf, type PlainSpec, type Ref, versionsOf, type World } from "../oracle/state.ts";

/** The world of a history: its projects (the last has no bytes), and the digests of the bytes in the others. */
export interface Stage {
  projects: string[];
  digests: string[];
  /** A digest of external bytes. */
  external: string;
}

const names = [
  "model",
  "Model",
  "データ/学習",
  "größe",
  "gro\u0308ße",
  "a::b",
  ":odd:",
  "a:::b",
  "😀 1",
  "x/y/z",
  "50% @home#?",
  "Счёт №5",
  "نموذج/ä",
];
/** Version names and aliases that a history uses. */
export const words = ["v1", "raw_2023", "prod", "best-1", "1.0"];
/** Tags that a history uses. */
export const tags = ["rot", "緑", "blau", "rot "];
const slots = [undefined, undefined, "in", "出力", "model"];
/** Metadata that a history uses; the third and fourth are equal. */
export const metadata: (Record<string, unknown> | undefined)[] = [
  undefined,
  {},
  { b: 1, a: { "c.d": [1, "2", null], "e\\f": -0.5 } },
  { a: { "e\\f": -0.5, "c.d": [1, "2", null] }, b: 1 },
  { 名: "文字", leer: {}, ja: true, nichts: null },
  {
    at: { $type: "DATETIME", value: "2026-01-31T12:00:00Z" },
    n: { $type: "FLOAT", value: "NaN" },
    big: 9007199254740991,
  },
];
const values: unknown[] = [
  1,
  -0.25,
  1e300,
  "ja",
  "データ",
  "",
  true,
  null,
  [],
  [1, ["x", null]],
  {},
  { x: 5, "y.z": "tief" },
  { x: { x: "tiefer" } },
  { $type: "URI", value: "s3://bucket/ü" },
  { $type: "PATH", value: "/tmp/x" },
  { $type: "DTYPE", value: "float64" },
  { $type: "STORAGE_SIZE", value: 5 },
  { $type: "DATETIME", value: "2026-01-31T12:00:00+01:00" },
  { $type: "FLOAT", value: "NaN" },
  { $type: "FLOAT", value: "-Infinity" },
  { $type: "FLOAT", value: 1.5 },
  "x".repeat(1_200),
];
const keys = ["a", "n", "c.d", "名"];

/** Metadata with values of any type. */
export function anyMetadata(p: Picker): Record<string, unknown> {
  return Object.fromEntries(p.some(keys, 3).map((key) => [key, p.pick(values)]));
}

/** Metadata keys to remove: leaves, their parents, and missing ones. */
export function someKeys(p: Picker): string[] {
  return p.some(["a", "n.x", "c\\.d", "n", "a.c\\.d", "n.value", "名.x.x", "none"], 2);
}

function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9._~/-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

/** Takes the picks of an intent one by one; after the last, always the first choice. */
export function picker(picks: number[]) {
  let at = 0;
  const next = (): number => picks[at++] ?? 0;
  const pick = <T>(list: readonly T[]): T | undefined => list[next() % list.length];
  return {
    pick,
    must: <T>(list: readonly [T, ...T[]]): T => list[next() % list.length] ?? list[0],
    chance: (percent: number): boolean => next() % 100 >= 100 - percent,
    some: <T>(list: readonly T[], most: number): T[] =>
      Array.from({ length: next() % (most + 1) }, () => pick(list)).flatMap((item) =>
        item === undefined ? [] : [item],
      ),
    count: (most: number): number => next() % (most + 1),
  };
}
/** See `picker`. */
export type Picker = ReturnType<typeof picker>;

function refOf(want: Ref["want"], text: string): Ref {
  return { want, text, toJSON: () => text };
}

function kindWord(kind: string): string {
  return kind.toLowerCase().replaceAll("_", "-");
}

/** A reference to an existing version in one of the forms, or now and then to nothing. */
export function reference(world: World, p: Picker): Ref {
  if (p.chance(3))
    return refOf(
      { by: "nothing" },
      p.must(["none/such", "00000000-0000-4000-8000-000000000000", "store://model/p/n:9", "zzzzzzzz"]),
    );
  if (p.chance(2))
    return refOf({ by: "malformed" }, p.must(["", "x", "a/b:", "store://nothing/a/b", "a/%E3", "sha256:1"]));
  const version = p.pick(versionsOf(world));
  if (!version) return refOf({ by: "nothing" }, "none/such:1");
  const { project, name } = version.artifact;
  const by = { by: "name", project, name } as const;
  const short = `${encode(project)}/${encode(name)}`;
  const uri = `store://${kindWord(version.kind)}/${short}`;
  const digest = digestOf(version.spec);
  const run = world.links.find((link) => link.version === version && !link.reads)?.execution;
  const runId = run?.run?.id ?? run?.id ?? "00000000-0000-4000-8000-000000000001";
  const known = [...version.artifact.names.keys()];
  const word = p.pick(known.length && !p.chance(25) ? known : words) ?? "";
  const latest = latestOf(version.artifact);
  const plural = `${kindWord(version.kind)}s`;
  const forms: (() => Ref)[] = [
    () => refOf({ by: "id", version }, version.id),
    () => refOf({ by: "prefix", version }, version.id.slice(0, -1)),
    () => refOf({ ...by, selector: version.number }, `${short}:${version.number}`),
    () => refOf({ ...by, selector: version.number, kind: version.kind }, `${uri}:${version.number}`),
    () => refOf({ ...by, selector: "latest" }, short),
    () =>
      refOf(
        { ...by, selector: "latest", kind: latest?.kind ?? version.kind },
        `store://${kindWord(latest?.kind ?? version.kind)}/${short}:latest`,
      ),
    () => refOf({ ...by, selector: word }, `${short}:${word}`),
    () => refOf({ ...by, selector: "latest", run: runId }, `${short}@${runId}`),
    () => refOf({ ...by, selector: version.number, run: runId }, `${short}:${version.number}@${runId}`),
    () => refOf({ ...by, selector: version.number, kind: "PLOT" }, `store://plot/${short}:${version.number}`),
    () =>
      digest?.startsWith("sha256:")
        ? refOf({ by: "digest", digest }, digest)
        : refOf({ by: "id", version }, version.id),
    () =>
      ["models", "datasets", "artifacts", "feature-sets"].includes(plural)
        ? refOf({ ...by, selector: word, kind: version.kind }, `store://${plural}/${short}:${word}`)
        : refOf({ ...by, selector: word, run: runId }, `${short}:${word}@${runId}`),
  ];
  // A name that may be missing, and a kind that may not fit, are rarer than what certainly exists.
  const fit = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 2, 3, 4, 5, 2, 3, 4];
  return (forms[p.pick(fit) ?? 0] ?? forms[0] ?? (() => refOf({ by: "nothing" }, "none/such")))();
}

/** A slot and a role, or none. */
export function slotted(p: Picker) {
  const [slot, role] = [p.pick(slots), p.chance(20) ? "role" : undefined];
  return { ...(slot && { slot }), ...(role && { role }) };
}

function content(world: World, stage: Stage, project: string, p: Picker): PlainSpec {
  // Bytes that the project has, except now and then.
  const own = [...(world.blobs.get(project)?.keys() ?? [])];
  const digests = own.length && !p.chance(8) ? own : stage.digests;
  const [digest, other] = [p.pick(digests) ?? "", p.pick(digests) ?? ""];
  const contents: PlainSpec[] = [
    {},
    { files: [{ path: "data.csv", digest }] },
    {
      files: [
        { path: "ä/1.bin", digest },
        { path: "ä/2.bin", digest: other },
      ],
    },
    { location: "s3://bucket/{{project}}/x", size: 7, etag: "e1" },
    { location: "https://example.org/ü", digest: stage.external },
    {
      dataset: {
        columns: [{ name: "Größe", type: "int" }],
        rows: 3,
        labelColumn: "Größe",
        features: ["x"],
        preview: [[1]],
      },
    },
    {
      model: {
        framework: "sklearn",
        metrics: { acc: 0.5 },
        inputs: [{ name: "x", type: "f" }],
        requirements: ["a==1"],
      },
    },
  ];
  const without = contents.filter(({ files }) => own.length || !files || p.chance(5));
  return p.pick(without) ?? {};
}

function selectors(p: Picker): PlainSpec {
  const versionName = p.chance(12) ? p.pick(words) : undefined;
  const aliases = p.chance(25) ? p.some(words, 2) : [];
  return { ...(versionName && { versionName }), ...(aliases.length && { aliases }) };
}

/** The description of a new version. */
export function spec(world: World, stage: Stage, project: string, p: Picker): PlainSpec {
  const meta = p.chance(50) ? p.pick(metadata) : anyMetadata(p);
  const described = p.pick(tags);
  const kind = p.chance(15) ? p.must(["MODEL", "DATASET", "FEATURE_SET"]) : undefined;
  return {
    name: p.chance(10) ? "{wer}/model" : (p.pick(p.chance(60) ? names.slice(0, 3) : names) ?? "model"),
    substitutions: { wer: "ich" },
    ...content(world, stage, project, p),
    ...(kind && { kind }),
    ...selectors(p),
    ...(meta && { metadata: meta }),
    ...(described && { description: `Das ist ${described}` }),
    tags: p.some(tags, 2),
    labels: p.chance(30)
      ? [
          { key: "von", value: "ß" },
          { key: "an", value: "" },
        ]
      : [],
    ...(p.chance(8) && { links: [{ rel: "chart", version: reference(world, p) }] }),
    ...(p.chance(10) && { attributes: { x: [1] }, iteration: 4 }),
    ...(p.chance(45) && { ifChanged: true }),
  };
}

const flaws: { flaw: string; with: PlainSpec }[] = [
  { flaw: "INVALID_INPUT", with: { name: "a\u0000b" } },
  { flaw: "INVALID_INPUT", with: { name: "n".repeat(256) } },
  { flaw: "INVALID_INPUT", with: { name: "a/../b" } },
  { flaw: "INVALID_INPUT", with: { name: "{unknown}" } },
  { flaw: "INVALID_INPUT", with: { aliases: ["123"] } },
  { flaw: "INVALID_INPUT", with: { versionName: "latest" } },
  { flaw: "INVALID_INPUT", with: { files: [{ path: "../x", digest: `sha256:${"0".repeat(64)}` }] } },
  { flaw: "INVALID_INPUT", with: { files: [{ path: "x", digest: "md5:1" }] } },
  { flaw: "INVALID_INPUT", with: { metadata: { t: { $type: "DATETIME", value: "soon" } } } },
  { flaw: "TOO_LARGE", with: { metadata: { big: "x".repeat(262_144) } } },
  { flaw: "NOT_FOUND", with: { files: [{ path: "x", digest: `sha256:${"0".repeat(64)}` }] } },
];

/** Now and then the same with a flaw, and the code of its refusal. */
export function flawed(input: PlainSpec, p: Picker): { flaw?: string; input: PlainSpec } {
  if (!p.chance(6)) return { input };
  const chosen = p.pick(flaws);
  const { location: _location, size: _size, etag: _etag, digest: _digest, ...rest } = input;
  return { flaw: chosen?.flaw ?? "", input: { ...rest, ...chosen?.with } };
}
