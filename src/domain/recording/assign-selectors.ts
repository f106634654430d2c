import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { VersionRow } from "../core/version-row.ts";

/** A version name (`fixed`) or alias that a version shall have, at a time by its artifact's clock. */
export interface SelectorAssignment {
  name: string;
  fixed: boolean;
  row: VersionRow;
  at: number;
}

interface SelectorRow {
  [name: string]: string | boolean | number;
  key: string;
  artifactKey: string;
  project: string;
  name: string;
  fixed: boolean;
  version: string;
  at: number;
  rank: string;
}

interface PointedRow {
  key: string;
  version: string;
  taken: boolean;
  previous: string | null;
  previousNumber: number | null;
}

/** An alias that moved to a version. */
export type MovedAlias = PointedRow & { name: string; at: number };

const pointTo = statement<{ selectors: SelectorRow[]; actor: string }, PointedRow>("assign-selectors");

function selectorRow(
  ports: Pick<Ports, "newId">,
  { name, fixed, row, at }: SelectorAssignment,
  position: number,
): SelectorRow {
  return {
    key: `${row.artifactKey}:${name}`,
    artifactKey: row.artifactKey,
    project: row.project,
    name,
    fixed,
    version: row.id,
    at,
    rank: orderingKey(at, position, ports.newId()),
  };
}

/**
 * Points version names and aliases, whose artifacts are locked; returns the aliases that moved. A version name is for good: one that names
 * another version, or an alias where a version name is wanted, is `ALREADY_EXISTS` with its holder.
 */
export async function assignSelectors(
  context: RequestContext,
  run: Transaction["run"],
  pointings: SelectorAssignment[],
): Promise<MovedAlias[]> {
  if (!pointings.length) return [];
  const selectors = pointings.map((pointing, i) => selectorRow(context.ports, pointing, i));
  const byKey = groupBy(selectors, (row) => row.key);
  const twice = [...byKey.values()].find((rows) => rows.length > 1)?.[0];
  if (twice) throw invalid("aliases", `"${twice.name}" is given to two versions of ${twice.artifactKey} in one call`);
  return (await run(pointTo, { selectors, actor: context.actor.name })).flatMap((row) => {
    const [asked] = byKey.get(row.key) ?? [];
    if (!asked) return [];
    if (row.previous && (row.taken || asked.fixed)) {
      const holder = `${asked.artifactKey}:${row.previousNumber}`;
      throw new DomainError("ALREADY_EXISTS", `"${asked.name}" is taken: it names ${holder}`, { holder });
    }
    return asked.fixed || row.previous === row.version ? [] : [{ ...row, name: asked.name, at: asked.at }];
  });
}
