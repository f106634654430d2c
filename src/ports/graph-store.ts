import type { Direction, Granularity } from "../model/enums.ts";
import type { Params, Statement, Value } from "./statement.ts";

/** Runs the statements of one transaction, in the order of the calls; nothing of it is seen outside before it commits. */
export interface Transaction {
  run<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
  /** Runs a statement whose rows nobody needs, without waiting for it. Where it fails, the next `run` rejects, or else the whole write: nothing commits. */
  send<P extends Params>(statement: Statement<P, unknown>, params: P): void;
}

/** A version, run, step or artifact that a walk shows. */
export interface WalkNode {
  id: string;
  project: string;
  /** `project/name` of the artifact; null for runs and steps. */
  artifactKey: string | null;
  /** Executions crossed from the nearest root: upstream negative; downstream where both are as near. */
  depth: number;
  /** What the walk's `columns` hold of it; null where the store would have to ask once more for that. */
  values?: Value[] | null;
}

/** One recorded edge; `from` to `to` follows the data. */
export interface WalkEdge {
  from: string;
  to: string;
  kind: "CONSUMED" | "PRODUCED";
  slot: string;
  role: string;
}

/** What one execution that a walk reached read, and what it made: ids of versions, or of artifacts. */
export interface WalkJoin {
  inputs: string[];
  outputs: string[];
}

/**
 * How far a walk goes, and what it shows. Conditions are Cypher on `item`, a version or an execution: true or false, never null, their
 * values in `params`.
 */
export interface WalkBounds {
  direction: Direction;
  /** Executions to cross at most. */
  depth: number;
  /** Things of the kind `shown` to show at most. */
  limit: number;
  shown: Granularity;
  /** What is shown, and counted, of what the walk reaches beside its roots; null for everything. */
  showIf: string | null;
  /** What the walk reaches but doesn't go past, unless it is a root; null for nothing. */
  stopIf: string | null;
  params: Params;
  /** The properties of things to bring along; left out or null for none. */
  columns?: readonly string[] | null;
  /** Only edges that were recorded by then, milliseconds since 1970; left out or null for all. Conditions find it as `$asOf`. */
  asOf?: number | null;
}

/** What a walk found. */
export interface Walk {
  /** The nearest first, as many as `limit` allows; within a depth executions before versions, then by id (artifacts by key). */
  nodes: WalkNode[];
  /** At granularity EXECUTION: every recorded edge between these nodes; others may stand among them. */
  edges: WalkEdge[];
  /** At the other granularities: what each execution that the walk reached and shows joins; others than `nodes` may stand in it. */
  joins: WalkJoin[];
  /**
   * How many are to be shown at each depth, `nodes` included: those up to the limit, and on each side at least two further levels that hold any.
   * Empty when `nodes` are all.
   */
  levels: { depth: number; count: number }[];
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
  /**
   * Walks from each of these sets of versions within the same bounds; gives an answer for each. A node is visited once for each root at
   * most: cost follows nodes and edges, never paths.
   */
  walk(batch: string[][], bounds: WalkBounds): Promise<Walk[]>;
  /** Resolves when the engine answers and has the service's schema. */
  check(): Promise<void>;
  close(): Promise<void>;
}
