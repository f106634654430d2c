import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { VersionRow } from "../core/version-row.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";
import type { Executions } from "./executions.ts";
import { isOutput, type PlannedOutput, type Recording } from "./plan.ts";
import type { VersionDraft } from "./version-draft.ts";

type EdgeRow = { version: string; execution: string; slot: string; role: string; at: number; rank: string };

const linkConsumed = statement<{ edges: EdgeRow[] }, { recorded: number }>("link-consumed");
const linkProduced = statement<{ edges: EdgeRow[] }, { recorded: number }>("link-produced");

/** The edges of a recording: each is there from when both its ends are, and no earlier than `since`. */
export function planEdges(
  { inputs, outputs }: Recording,
  executions: Executions,
  versionOf: (made: VersionDraft | ReferenceInput, output?: PlannedOutput) => VersionRow,
  since: number,
  rank: (position: number) => string,
): { consumed: EdgeRow[]; produced: EdgeRow[]; end: number } {
  const edge = (version: VersionRow, execution: string, slot: string, role: string, position: number): EdgeRow => {
    const at = Math.max(since, version.createdAt, executions.get(execution)?.execution.createdAt ?? 0);
    return { version: version.id, execution, slot, role, at, rank: rank(position) };
  };
  const consumed = inputs.map(({ execution, slot, role, read }, i) =>
    edge(isOutput(read) ? versionOf(read.made, read) : versionOf(read), execution, slot, role, i),
  );
  const produced = outputs.flatMap((output, i) => {
    const { execution, slot, role, made } = output;
    return execution ? [edge(versionOf(made, output), execution, slot, role, i)] : [];
  });
  const end = [...consumed, ...produced].reduce((latest, { at }) => Math.max(latest, at), since);
  return { consumed, produced, end };
}

/** Records which executions read and made which versions. */
export function linkEdges(tx: Transaction, { consumed, produced }: ReturnType<typeof planEdges>): void {
  const sorted = (edges: EdgeRow[]) => [...edges].sort((a, b) => (a.version < b.version ? -1 : 1));
  if (consumed.length) tx.send(linkConsumed, { edges: sorted(consumed) });
  if (produced.length) tx.send(linkProduced, { edges: sorted(produced) });
}
