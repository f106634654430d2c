/** A reference in a request: its text, and what it means to the model. */
export interface Ref {
  want:
    | { by: "id"; version: PlainVersion }
    | { by: "prefix"; version: PlainVersion }
    | { by: "digest"; digest: string }
    | { by: "name"; project: string; name: string; selector: number | string; kind?: string; run?: string }
    | { by: "nothing" }
    | { by: "malformed" };
  text: string;
  /** Requests are sent with the text. */
  toJSON(): string;
}

export interface PlainSpec {
  project?: string;
  name?: string;
  kind?: string;
  versionName?: string;
  description?: string;
  metadata?: Record<string, unknown>;
  tags?: string[];
  labels?: { key: string; value: string }[];
  aliases?: string[];
  files?: { path: string; digest: string; size?: number }[];
  location?: string;
  size?: number;
  digest?: string;
  etag?: string;
  attributes?: unknown;
  dataset?: Record<string, unknown>;
  model?: Record<string, unknown>;
  links?: { rel: string; version: Ref }[];
  substitutions?: Record<string, string>;
  iteration?: number;
  ifChanged?: boolean;
}

export interface PlainVersion {
  id: string;
  artifact: PlainArtifact;
  number: number;
  kind: string;
  /** The input as it was logged; what may change since is stored separately. */
  spec: PlainSpec;
  location: string | null;
  links: { rel: string; version: PlainVersion }[];
  createdAt: number;
  updatedAt: number;
  state: "READY" | "DELETED";
  bytesGone: boolean;
  versionName: string | null;
  description: string | null;
  metadata: Record<string, unknown>;
  tags: string[];
  labels: Map<string, string>;
}

/** A move of an alias. */
export interface PlainMove {
  alias: string;
  from: PlainVersion | null;
  to: PlainVersion | null;
  at: number;
}

export interface PlainArtifact {
  id: string;
  project: string;
  name: string;
  kind: string;
  clock: number;
  createdAt: number;
  updatedAt: number;
  description: string | null;
  tags: string[];
  deleted: boolean;
  /** All versions, also deleted ones. */
  versions: PlainVersion[];
  /** The moves of its aliases, oldest first. */
  moves: PlainMove[];
  /** Version names (`fixed`) and aliases with their holders. */
  names: Map<string, { version: PlainVersion; fixed: boolean }>;
}

export interface PlainExecution {
  id: string;
  /** The run of a step; null for a run. */
  run: PlainExecution | null;
  project: string;
  name: string;
  status: string;
  startedAt: number | null;
  endedAt: number | null;
  createdAt: number;
  error: string | null;
  parameters: Record<string, unknown>;
  metadata: Record<string, unknown>;
  metrics: Record<string, unknown>;
  tags: string[];
  code: unknown;
  environment: unknown;
  pipeline: string | null;
  parent: string | null;
  key: string | null;
  iteration: number | null;
  cachedFrom: string | null;
}

/** A recorded edge; `at` is its time and its place in the call. */
export interface PlainLink {
  version: PlainVersion;
  execution: PlainExecution;
  reads: boolean;
  slot: string | null;
  role: string | null;
  at: [time: number, place: number];
}

export interface PlainEvent {
  type: string;
  project: string;
  version?: PlainVersion;
  previous?: PlainVersion;
  execution?: PlainExecution;
  alias?: string;
}

export interface PlainProject {
  description: string | null;
  storagePrefix: string | null;
  staleAfterSeconds: number | null;
  createdAt: number;
}

/** Everything the model knows. `now` is the clock's time during the present call. */
export interface World {
  now: number;
  projects: Map<string, PlainProject>;
  artifacts: Map<string, PlainArtifact>;
  executions: PlainExecution[];
  links: PlainLink[];
  events: PlainEvent[];
  /** The sizes of a project's blobs by digest. */
  blobs: Map<string, Map<string, number>>;
  /** The first use of a key, by verb, scope and key. */
  keys: Map<string, { content: string; result: Outcome }>;
}

/** The result of a call: the codes of its possible refusals, or what it created or found. */
export type Outcome =
  | { codes: Set<string> }
  | {
      codes: null;
      created: boolean;
      version?: PlainVersion;
      execution?: PlainExecution;
      artifact?: PlainArtifact;
      /** What prune deletes, and the bytes it frees. */
      pruned?: { versions: PlainVersion[]; bytes: number };
      /** Versions of `publishRun` by execution, in the order of its outputs. */
      made?: Map<PlainExecution, PlainVersion[]>;
    };

export function newWorld(): World {
  return {
    now: 0,
    projects: new Map(),
    artifacts: new Map(),
    executions: [],
    links: [],
    events: [],
    blobs: new Map(),
    keys: new Map(),
  };
}

/** All versions of the world. */
export function versionsOf(world: World): PlainVersion[] {
  return [...world.artifacts.values()].flatMap((artifact) => artifact.versions);
}

/** The newest version of an artifact that has not been deleted. */
export function latestOf({ versions }: PlainArtifact): PlainVersion | undefined {
  return versions.findLast(({ state }) => state === "READY");
}

/** A project without a description. */
export function newProject(createdAt: number): PlainProject {
  return {
    description: null,
    storagePrefix: null,
    staleAfterSeconds: null,
    createdAt,
  };
}

/** Distinct words in the order of code units. */
export function alphabetical(words: string[]): string[] {
  return [...new Set(words)].sort((a, b) => (a < b ? -1 : 1));
}
