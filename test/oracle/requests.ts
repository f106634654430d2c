import type { PlainSpec, Ref } from "./state.ts";

/** The slot and role of an edge. */
export type Slotted = { slot?: string; role?: string };
/** An input of an execution: a version, or the output of a step of the same call. */
export type PlainInput = Slotted & { version?: Ref; step?: string; output?: string };
/** An output of an execution: an existing version, or a new one. */
export type PlainOutput = Slotted & PlainSpec & { version?: Ref };
/** The description of an execution. */
export interface PlainReport {
  name?: string;
  status?: string;
  startedAt?: string;
  endedAt?: string;
  parameters?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  metrics?: Record<string, unknown>;
  tags?: string[];
  code?: unknown;
  environment?: unknown;
  error?: string;
  inputs?: PlainInput[];
  outputs?: PlainOutput[];
  cachedFrom?: string;
}

/** Tags to add and to remove. */
export type Words = { add?: string[]; remove?: string[] };

/** A mutation with its input as sent; `flaw` is the code of an error in the input itself. */
export type Request = { flaw?: string } & (
  | { verb: "createProject"; input: { name: string; description?: string } }
  | {
      verb: "logVersion";
      input: PlainSpec & {
        project: string;
        producer?: Slotted & { run?: string; step?: string };
        inputs?: Ref[];
        key?: string;
      };
    }
  | {
      verb: "publishRun";
      input: PlainReport & {
        project: string;
        pipeline?: string;
        key?: string;
        parent?: string;
        iteration?: number;
        steps?: (PlainReport & { name: string })[];
      };
    }
  | {
      verb: "startRun";
      input: PlainReport & { project: string; pipeline?: string; key?: string; parent?: string; iteration?: number };
    }
  | { verb: "startStep"; input: PlainReport & { run: string; name: string; key?: string } }
  | {
      verb: "updateExecution";
      input: {
        id: string;
        status?: string;
        metadata?: Record<string, unknown>;
        parameters?: Record<string, unknown>;
        tags?: Words;
      };
    }
  | { verb: "endExecution"; input: { id: string; status: string; error?: string; endedAt?: string } }
  | {
      verb: "updateVersion";
      input: {
        ref: Ref;
        description?: string | null;
        versionName?: string;
        tags?: Words;
        labels?: { set?: { key: string; value: string }[]; remove?: string[] };
        metadata?: { set?: Record<string, unknown>; remove?: string[] };
      };
    }
  | {
      verb: "updateArtifact";
      input: { project: string; name: string; description?: string | null; tags?: Words };
    }
  | {
      verb: "updateProject";
      input: {
        name: string;
        description?: string | null;
        storagePrefix?: string | null;
        staleAfterSeconds?: number | null;
      };
    }
  | { verb: "setAlias"; input: { ref: Ref; alias: string; expectedCurrent?: Ref | null } }
  | {
      verb: "removeAlias";
      input: { project: string; name: string; alias: string; expectedCurrent?: Ref | null };
    }
  | { verb: "deleteVersion"; input: { ref: Ref; bytesOnly?: boolean; force?: boolean } }
  | { verb: "deleteArtifact"; input: { project: string; name: string; force?: boolean } }
  | {
      verb: "prune";
      input: { project: string; artifact?: string; olderThan?: string; keepLast?: number; dryRun?: boolean };
    }
  | {
      verb: "recordLineage";
      input: { execution: string; inputs?: (Slotted & { version: Ref })[]; outputs?: (Slotted & { version: Ref })[] };
    }
);
/** The input of one of the mutations. */
export type Input<V extends Request["verb"]> = Extract<Request, { verb: V }>["input"];
