import type { Direction, Granularity } from "../model/enums.ts";
import type { Params, Statement, Value } from "./statement.ts";

/** Runs the statements of one transaction, in the order of the calls; others see nothing of it before it commits. */
export interface Transaction {
  run<P extends Params, R>(statement: Statement<P, R>, params: P): Promise<R[]>;
  /** Runs a statement without waiting for it; its rows are dropped. If it fails, the next `run` rejects, or else the whole write: nothing commits. */
  send<P extends Params>(statement: Statement<P, unknown>, params: P): void;
}

/** A version, run, step or artifact that a walk shows. */
export interface WalkNode {
  id: string;
  project: string;
  /** `project/name` of the artifact; null for runs and steps. */
  artifactKey: string | null;
  /** Executions crossed from the nearest root: negative upstream, positive downstream and when both sides are as near. */
  depth: number;
  /** The node's values of the walk's `columns`; null when the store would need another statement for them. */
  values?: Value[] | null;
}

/** A recorded lineage edge; `from` to `to` is the direction of the data. */
export interface WalkEdge {
  from: string;
  to: string;
  kind: "CONSUMED" | "PRODUCED";
  slot: string;
  role: string;
}

/** The inputs and outputs of one execution that a walk reached: ids of versions, or of artifacts. */
export interface WalkJoin {
  inputs: string[];
  outputs: string[];
}

/**
 * How far a walk goes and what it shows. Conditions are Cypher expressions on `item`, a version or an execution; they are true or false, never null,
 * and their values are in `params`.
 */
export interface WalkBounds {
  direction: Direction;
  /** The maximum number of executions to cross. */
  depth: number;
  /** The maximum number of nodes to show. */
  limit: number;
  shown: Granularity;
  /** Which of the reached nodes are shown and counted, besides the roots; null for all. */
  showIf: string | null;
  /** Nodes at which the walk stops, unless they are roots: it reaches them but goes no further. Null for none. */
  stopIf: string | null;
  params: Params;
  /** Node properties to return as `values`; null or absent for none. */
  columns?: readonly string[] | null;
  /** Follows only edges recorded by then (milliseconds since 1970); null or absent for all. Conditions can use it as `$asOf`. */
  asOf?: number | null;
}

/** What a walk found. */
export interface Walk {
  /** At most `limit` nodes, nearest first; within a depth executions before versions, then by id (artifacts by key). */
  nodes: WalkNode[];
  /** At granularity EXECUTION: every recorded edge between these nodes. May include others. */
  edges: WalkEdge[];
  /** At the other granularities: what each execution that the walk reached and shows joins. May include others than `nodes`. */
  joins: WalkJoin[];
  /**
   * The number of nodes to show at each depth, including `nodes`: for the depths up to the limit, and on each side for at least two further levels
   * that have any. Empty when `nodes` are all.
   */
  levels: { depth: number; count: number }[];
}

/**
 * The graph: named statements in transactions, and the lineage walk, which each engine does in its own way. When the signal of a call aborts, the call
 * rejects with its reason: at once where the engine can cancel a running statement, else before the next statement.
 */
export interface GraphStore {
  /** Runs one reading statement. Rejects with `Unavailable` within 5 seconds when the engine can't be reached. */
  read<P extends Params, R>(statement: Statement<P, R>, params: P, signal?: AbortSignal): Promise<R[]>;
  /**
   * Runs `work` in one transaction and commits it. `work` may run more than once (deadlocks, lost connections), so it must have no effect outside
   * `tx`. A commit whose outcome is unknown is retried too, which is why every write begins by claiming its operation.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Walks from each of these sets of versions within the same bounds; resolves with one walk for each set. A node is visited at most once for each
   * root: the cost grows with nodes and edges, never with paths.
   */
  walk(batch: string[][], bounds: WalkBounds, signal?: AbortSignal): Promise<Walk[]>;
  /** Resolves when the engine answers and has the service's schema. */
  check(): Promise<void>;
  close(): Promise<void>;
}
