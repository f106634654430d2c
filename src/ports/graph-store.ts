import type { Params, Statement } from "./statement.ts";

/** Runs the statements of one transaction; nothing of it is seen outside before it commits. */
export interface Transaction {
  run<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
}

/** Which way a walk goes: against the flow of data, or along it. */
export type WalkDirection = "UPSTREAM" | "DOWNSTREAM";

/** A version, run or step that a walk reached, with the columns that cutting and permission need. */
export interface WalkNode {
  id: string;
  label: "Version" | "Run" | "Step";
  project: string;
  /** `project/name` of the artifact, for versions. */
  artifactKey: string | null;
}

/** One recorded edge; `from` to `to` follows the data. */
export interface WalkEdge {
  from: string;
  to: string;
  kind: "CONSUMED" | "PRODUCED";
  slot: string;
  role: string;
}

/** How far a walk goes. `depth` counts executions crossed; `limit` counts things of the kind `counted`. */
export interface WalkBounds {
  depth: number;
  limit: number;
  counted: "THING" | "VERSION" | "ARTIFACT";
}

/**
 * What a walk found: whole levels, nearest first, up to and with the first that takes the count past `limit`.
 * `edges` holds every recorded edge between these nodes along the walk (others may stand in it too).
 */
export interface Walk {
  nodes: WalkNode[];
  edges: WalkEdge[];
  /** The next level, within `depth` and beyond those given, that holds something counted; null when there is none. */
  next: number | null;
}

/** The graph: named statements in transactions, and the one walk that each engine does in its own way. */
export interface GraphStore {
  /** Runs one reading statement. Rejects with `Unavailable` within 5 seconds when the engine can't be reached. */
  read<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
  /**
   * Runs `work` in one transaction and commits it. `work` may be run more than once (deadlocks, broken connections), so it must have no effect
   * outside `tx`; a commit whose outcome is unknown is tried again too, which is why every write begins by claiming its operation.
   */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Walks from the versions `roots`, each node visited once; cost follows nodes and edges, never paths. */
  walk(roots: string[], direction: WalkDirection, bounds: WalkBounds): Promise<Walk>;
  /** Resolves when the engine answers and has the service's schema. */
  check(): Promise<void>;
  close(): Promise<void>;
}
