/** The fields of a version that filters use. */
export interface Version {
  id: string;
  number: number;
  kind: string;
  state: string;
  versionName: string | null;
  description: string | null;
  tags: string[];
  author: string;
  createdAt: string;
  updatedAt: string;
  size: number | null;
  digest: string | null;
  artifact: { name: string; project: { name: string } };
}
/** The fields of a run that filters use. */
export interface Run {
  id: string;
  name: string;
  key: string | null;
  pipeline: string | null;
  status: string;
  tags: string[];
  author: string;
  startedAt: string | null;
  endedAt: string | null;
  project: { name: string };
}
/** The fields of an artifact that filters use. */
export interface Artifact {
  id: string;
  name: string;
  kind: string;
  createdAt: string;
  updatedAt: string;
  project: { name: string };
}
/** A name, a filter that depends on the sample items, and which of them it keeps. */
type Case<T> = [string, (all: T[]) => object, (item: T, all: T[]) => boolean];

/** A digest of one repeated letter. */
export function digest(letter: string) {
  return `sha256:${letter.repeat(64)}`;
}
function middle(times: (string | null)[]): string {
  return times.filter((time) => time !== null).sort()[1] ?? "";
}
function word(text: string | null, part: string) {
  return text?.toLowerCase().includes(part.toLowerCase()) ?? false;
}

/** Every comparison of a time with the middle one. */
function timeCases<T>(field: keyof T & string): Case<T>[] {
  const time = (item: T) => item[field] as string | null;
  const at = (all: T[]) => middle(all.map(time));
  const cases: [string, (a: string, b: string) => boolean][] = [
    ["eq", (a, b) => a === b],
    ["gt", (a, b) => a > b],
    ["gte", (a, b) => a >= b],
    ["lt", (a, b) => a < b],
    ["lte", (a, b) => a <= b],
  ];
  return cases.map(([name, holds]) => [
    `${field} ${name}`,
    (all) => ({ [field]: { [name]: at(all) } }),
    (item, all) => time(item) !== null && holds(time(item) ?? "", at(all)),
  ]);
}

/** Every comparison of a text with one that some items have. */
function textCases<T>(field: string, of: (item: T) => string | null, value: string): Case<T>[] {
  return [
    [`${field} eq`, () => ({ [field]: { eq: value } }), (item) => of(item) === value],
    [`${field} in`, () => ({ [field]: { in: [value, "none such"] } }), (item) => of(item) === value],
    [
      `${field} contains`,
      () => ({ [field]: { contains: value.slice(1) } }),
      (item) => of(item)?.includes(value.slice(1)) ?? false,
    ],
    [
      `${field} startsWith`,
      () => ({ [field]: { startsWith: value.slice(0, -1) } }),
      (item) => of(item)?.startsWith(value.slice(0, -1)) ?? false,
    ],
    [`${field} not eq`, () => ({ not: { [field]: { eq: value } } }), (item) => of(item) !== value],
  ];
}

/** Filters of versions and what they keep. */
export const versionCases: Case<Version>[] = [
  ...textCases<Version>("artifact", (item) => item.artifact.name, "filter/eins"),
  ...textCases<Version>("versionName", (item) => item.versionName, "v-one"),
  ...textCases<Version>("author", (item) => item.author, "contributor"),
  ...textCases<Version>("digest", (item) => item.digest, digest("a")),
  ...timeCases<Version>("createdAt"),
  ...timeCases<Version>("updatedAt"),
  ["kind eq", () => ({ kind: { eq: "MODEL" } }), (item) => item.kind === "MODEL"],
  ["kind in", () => ({ kind: { in: ["MODEL", "TABLE"] } }), (item) => ["MODEL", "TABLE"].includes(item.kind)],
  ["number eq", () => ({ number: { eq: 2 } }), (item) => item.number === 2],
  ["number in", () => ({ number: { in: [2, 9] } }), (item) => item.number === 2],
  ["number gt and lte", () => ({ number: { gt: 1, lte: 2 } }), (item) => item.number === 2],
  ["size gte", () => ({ size: { gte: 200 } }), (item) => (item.size ?? -1) >= 200],
  ["size lt", () => ({ size: { lt: 200 } }), (item) => item.size !== null && item.size < 200],
  ["size not lt", () => ({ not: { size: { lt: 200 } } }), (item) => !(item.size !== null && item.size < 200)],
  ["tag eq", () => ({ tag: { eq: "red" } }), (item) => item.tags.includes("red")],
  ["tag contains", () => ({ tag: { contains: "lu" } }), (item) => item.tags.includes("blue")],
  ["tag not", () => ({ not: { tag: { eq: "red" } } }), (item) => !item.tags.includes("red")],
  ["text in a name", () => ({ text: "EINS" }), (item) => word(item.artifact.name, "eins")],
  ["text in a description", () => ({ text: "GRÖ" }), (item) => word(item.description, "grö")],
  ["state eq", () => ({ state: { eq: "DELETED" } }), (item) => item.state === "DELETED"],
  ["state in", () => ({ state: { in: ["READY", "DELETED"] } }), () => true],
  [
    "state deep inside",
    () => ({ or: [{ number: { eq: 2 } }, { not: { state: { eq: "READY" } } }] }),
    (item) => item.number === 2 || item.state === "DELETED",
  ],
  [
    "and",
    () => ({ and: [{ tag: { eq: "red" } }, { number: { eq: 1 } }] }),
    (item) => item.tags.includes("red") && item.number === 1,
  ],
  [
    "or",
    () => ({ or: [{ tag: { eq: "blue" } }, { kind: { eq: "TABLE" } }] }),
    (item) => item.tags.includes("blue") || item.kind === "TABLE",
  ],
  [
    "not of or, fields beside",
    () => ({ number: { eq: 1 }, not: { or: [{ kind: { eq: "TABLE" } }, { tag: { eq: "blue" } }] } }),
    (item) => item.number === 1 && item.kind !== "TABLE" && !item.tags.includes("blue"),
  ],
  ["an empty and", () => ({ and: [] }), () => true],
  ["nulls", () => ({ kind: null, and: null, tag: {}, number: { eq: null } }), () => true],
];

/** Filters of runs and what they keep. */
export const runCases: Case<Run>[] = [
  ...textCases<Run>("name", (item) => item.name, "filter-b"),
  ...textCases<Run>("pipeline", (item) => item.pipeline, "wöchentlich"),
  ...textCases<Run>("key", (item) => item.key, "key-c"),
  ...textCases<Run>("author", (item) => item.author, "contributor"),
  ...timeCases<Run>("startedAt"),
  ...timeCases<Run>("endedAt"),
  [
    "not endedAt",
    (all) => ({ not: { endedAt: { lte: middle(all.map((run) => run.endedAt)) } } }),
    (item, all) => !(item.endedAt !== null && item.endedAt <= middle(all.map((run) => run.endedAt))),
  ],
  ["status eq", () => ({ status: { eq: "FAILED" } }), (item) => item.status === "FAILED"],
  ["status in", () => ({ status: { in: ["QUEUED", "FAILED"] } }), (item) => ["QUEUED", "FAILED"].includes(item.status)],
  ["tag startsWith", () => ({ tag: { startsWith: "nigh" } }), (item) => item.tags.includes("nightly")],
  ["text", () => ({ text: "FILTER-A" }), (item) => word(item.name, "filter-a")],
  [
    "and",
    () => ({ and: [{ status: { eq: "COMPLETED" } }, { tag: { eq: "nightly" } }] }),
    (item) => item.status === "COMPLETED" && item.tags.includes("nightly"),
  ],
  [
    "or",
    () => ({ or: [{ status: { eq: "QUEUED" } }, { name: { eq: "filter-a" } }] }),
    (item) => item.status === "QUEUED" || item.name === "filter-a",
  ],
];

/** Filters of artifacts and what they keep. */
export const artifactCases: Case<Artifact>[] = [
  ...textCases<Artifact>("name", (item) => item.name, "filter/eins"),
  ...timeCases<Artifact>("createdAt"),
  ...timeCases<Artifact>("updatedAt"),
  ["kind eq", () => ({ kind: { eq: "MODEL" } }), (item) => item.kind === "MODEL"],
  ["kind in", () => ({ kind: { in: ["TABLE", "MODEL"] } }), (item) => ["TABLE", "MODEL"].includes(item.kind)],
  ["text", () => ({ text: "ZWEI" }), (item) => word(item.name, "zwei")],
  [
    "and",
    () => ({ and: [{ kind: { eq: "TABLE" } }, { name: { contains: "drei" } }] }),
    (item) => item.kind === "TABLE" && item.name.includes("drei"),
  ],
  [
    "or",
    () => ({ or: [{ kind: { eq: "MODEL" } }, { name: { contains: "drei" } }] }),
    (item) => item.kind === "MODEL" || item.name.includes("drei"),
  ],
  ["not", () => ({ not: { kind: { eq: "TABLE" } } }), (item) => item.kind !== "TABLE"],
];
