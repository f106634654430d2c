import type { Transaction } from "../ports/graph-store.ts";
import { statement } from "../ports/statement.ts";
import { invalid, Refusal } from "./errors.ts";
import { groupBy } from "./group.ts";
import type { Placed } from "./placing.ts";

type SelectorRow = { key: string; artifactKey: string; name: string; fixed: boolean; version: string };
type PointedRow = {
  key: string;
  version: string;
  taken: boolean;
  previous: string | null;
  previousNumber: number | null;
};

/** An alias that moved to a version. */
export type MovedAlias = PointedRow & { name: string; artifactKey: string };

const pointTo = statement<{ selectors: SelectorRow[] }, PointedRow>("point-selectors");

const selectorRows = (placed: Placed[]): SelectorRow[] =>
  placed.flatMap(({ draft, row, key: artifact, created }) => {
    const of = (name: string, fixed: boolean) => ({
      key: `${artifact}:${name}`,
      artifactKey: artifact,
      name,
      fixed,
      version: row.id,
    });
    const fixed = draft.versionName && created ? [of(draft.versionName, true)] : [];
    return [...fixed, ...draft.aliases.map((name) => of(name, false))];
  });

/** Points version names and aliases; returns the aliases that moved. A name that is taken for good is `ALREADY_EXISTS`. */
export const pointSelectors = async (run: Transaction["run"], placed: Placed[]): Promise<MovedAlias[]> => {
  const selectors = selectorRows(placed);
  if (!selectors.length) return [];
  const twice = [...groupBy(selectors, (row) => row.key).values()].find((rows) => rows.length > 1)?.[0];
  if (twice) throw invalid("aliases", `"${twice.name}" is given to two versions of ${twice.artifactKey} in one call`);
  const rows = await run(pointTo, { selectors });
  return rows.flatMap((row) => {
    const asked = selectors.find((selector) => selector.key === row.key);
    if (!asked) return [];
    if (row.previous && (row.taken || asked.fixed)) {
      const holder = `${asked.artifactKey}:${row.previousNumber}`;
      throw new Refusal("ALREADY_EXISTS", `"${asked.name}" is taken: it names ${holder}`, { holder });
    }
    return asked.fixed || row.previous === row.version
      ? []
      : [{ ...row, name: asked.name, artifactKey: asked.artifactKey }];
  });
};
