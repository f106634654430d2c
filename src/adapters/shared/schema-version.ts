import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { anyValue, statement, type Value } from "../../ports/statement.ts";
import { NotOpened } from "../../ports/unavailable.ts";

/** The version of the nodes, relationships and properties that this build reads and writes. Raise it when it can no longer read older graphs. */
const supportedVersion = 1;

const findVersion = statement({ name: "schema/find-version", params: {}, row: { version: anyValue } });
const findData = statement({ name: "schema/find-data", params: {}, row: { label: v.string() } });
const recordVersion = statement({
  name: "schema/record-version",
  params: { version: v.number() },
  row: { version: anyValue },
});

/** A graph whose schema version is checked and recorded. */
export interface VersionedGraph {
  /** What it is and where, without secrets, such as "the embedded graph /data/pedigree.grafeo". */
  description: string;
  /** How an operator gets an empty one, such as "set PEDIGREE_DATA to an empty folder". */
  remedy: string;
  /** Runs one statement in its own transaction. */
  run: Transaction["run"];
  /** Creates the missing indexes and constraints. */
  createIndexes(): Promise<void>;
}

function createRefusal({ description, remedy }: VersionedGraph, found: Value): NotOpened {
  const version = found === null ? "no schema version (an older build wrote it)" : `schema version ${found}`;
  return new NotOpened(
    `${description} has ${version}, but this build needs schema version ${supportedVersion}: ${remedy}, or use the build that wrote the graph`,
  );
}

/** The recorded schema version; null in a graph without one, whether it is empty or not. */
async function readVersion({ run }: VersionedGraph): Promise<Value> {
  const [row] = await run(findVersion, {});
  return row ? row.version : null;
}

/** Whether the graph is empty. Rejects with `NotOpened` when it holds data that this build can't read. */
async function assertReadable(graph: VersionedGraph): Promise<{ isEmpty: boolean }> {
  let version = await readVersion(graph);
  if (version === null) {
    const data = await graph.run(findData, {});
    if (!data.length) return { isEmpty: true };
    // Between the two reads another process may have recorded the version and written data.
    version = await readVersion(graph);
  }
  if (version !== supportedVersion) throw createRefusal(graph, version);
  return { isEmpty: false };
}

/**
 * Makes a graph ready for this build: checks its schema version, creates missing indexes, and records the version in an empty graph. Rejects with
 * `NotOpened`, whose message is for the operator, when the graph holds data without a schema version or of another one; nothing was written then.
 */
export async function applySchema(graph: VersionedGraph): Promise<void> {
  const { isEmpty } = await assertReadable(graph);
  await graph.createIndexes();
  if (!isEmpty) return;
  const [recorded] = await graph.run(recordVersion, { version: supportedVersion });
  if (recorded?.version !== supportedVersion) throw createRefusal(graph, recorded?.version);
}
