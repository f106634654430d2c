import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { VersionRow } from "../core/version-row.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";
import { createRun, type Executions } from "./executions.ts";
import { lockInputs } from "./locks.ts";
import type { NumberedVersion } from "./number-versions.ts";
import { isDraft, isOutput, type PlannedOutput, type Recording } from "./plan.ts";

const edgeRow = v.object({
  version: v.string(),
  execution: v.string(),
  slot: v.string(),
  role: v.string(),
  at: v.number(),
  rank: v.string(),
});
type EdgeRow = v.InferOutput<typeof edgeRow>;

const params = { edges: v.array(edgeRow) };
const row = { recorded: v.number() };
const linkConsumed = statement({ name: "link-consumed", params, row });
const linkProduced = statement({ name: "link-produced", params, row });

const advanceRunClock = statement({
  name: "advance-run-clock",
  params: { id: v.string(), at: v.number() },
  row: {},
});

/** What the edges of a call connect: its executions, the existing versions that it refers to, and its new versions. */
interface EdgeEnds {
  executions: Executions;
  references: Map<string, VersionRow>;
  numbered: NumberedVersion[];
}

/** The edges of a call, and a time at or after that of every edge and new version. */
interface PlannedEdges {
  consumed: EdgeRow[];
  produced: EdgeRow[];
  end: number;
}

/** Gives the version of an input or output: the new one, or the existing one that it refers to. */
function createVersionLookup({ references, numbered }: EdgeEnds): (end: PlannedOutput | ReferenceInput) => VersionRow {
  const newVersions = new Map(numbered.map(({ output, row: version }) => [output, version]));
  const find = (end: PlannedOutput | ReferenceInput) => {
    if (!isOutput(end)) return references.get(end.text);
    return isDraft(end.version) ? newVersions.get(end) : references.get(end.version.text);
  };
  return (end) => {
    const version = find(end);
    if (!version) throw new Error("an input or output of the call has no version");
    return version;
  };
}

/** Plans the edges of a call. Each has the time from which both its ends exist, and none is earlier than `since`. */
function planEdges(
  { inputs, outputs }: Recording,
  ends: EdgeEnds,
  since: number,
  rank: (position: number) => string,
): PlannedEdges {
  const versionOf = createVersionLookup(ends);
  const edge = (end: PlannedOutput | ReferenceInput, execution: string, slot: string, role: string, i: number) => {
    const version = versionOf(end);
    const at = Math.max(since, version.createdAt, ends.executions.get(execution)?.execution.createdAt ?? 0);
    return { version: version.id, execution, slot, role, at, rank: rank(i) };
  };
  const consumed = inputs.map(({ execution, slot, role, source }, i) => edge(source, execution, slot, role, i));
  const produced = outputs.flatMap((output, i) => {
    const { execution, slot, role } = output;
    return execution ? [edge(output, execution, slot, role, i)] : [];
  });
  const times = [...consumed, ...produced].map(({ at }) => at);
  const end = [...times, ...ends.numbered.map(({ row: version }) => version.createdAt)].reduce(
    (latest, at) => Math.max(latest, at),
    since,
  );
  return { consumed, produced, end };
}

/** In the order of their versions' ids, so that no two transactions wait for each other. */
function sortByVersion(edges: EdgeRow[]): EdgeRow[] {
  return [...edges].sort((a, b) => (a.version < b.version ? -1 : 1));
}

/** The inputs that existed before the call. */
function findExistingInputs({ inputs }: Recording, references: Map<string, VersionRow>): VersionRow[] {
  return inputs.flatMap(({ source }) => (isOutput(source) ? [] : (references.get(source.text) ?? [])));
}

/**
 * Creates the call's run, if it has one, and writes the edges between its executions and versions. Resolves with a time at or after every time
 * in the call. `GONE` when an input was deleted during the call.
 */
export async function writeEdges(
  ports: Pick<Ports, "newId">,
  tx: Transaction,
  recording: Recording,
  ends: EdgeEnds,
  now: number,
): Promise<number> {
  const { run, locked } = recording;
  const id = ports.newId();
  const since = Math.max(now, locked?.at ?? 0);
  const { consumed, produced, end } = planEdges(recording, ends, since, (i) => orderingKey(now, i, id));
  if (run) createRun(tx, run, end);
  await lockInputs(ports, tx.run, findExistingInputs(recording, ends.references));
  if (consumed.length) tx.send(linkConsumed, { edges: sortByVersion(consumed) });
  if (produced.length) tx.send(linkProduced, { edges: sortByVersion(produced) });
  // A version's clock may be ahead of the run's: what is recorded next about either must come after both.
  if (locked && end > locked.at) tx.send(advanceRunClock, { id: locked.execution.runId, at: end });
  return end;
}
