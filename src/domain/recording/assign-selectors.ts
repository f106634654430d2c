import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { defaultStageNames, stageKey } from "../core/default-stages.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { VersionRow } from "../core/version-row.ts";
import { lockSelectorNames } from "./lock-selector-names.ts";

/** A version name (`fixed`) or alias to assign to a version, and the time of that by the clock of its artifact. */
export interface SelectorAssignment {
  name: string;
  fixed: boolean;
  row: VersionRow;
  at: number;
}

const selectorRow = v.object({
  key: v.string(),
  stageKey: v.string(),
  artifactKey: v.string(),
  project: v.string(),
  name: v.string(),
  fixed: v.boolean(),
  version: v.string(),
  at: v.number(),
  rank: v.string(),
});
type SelectorRow = v.InferOutput<typeof selectorRow>;

const assignedRow = v.object({
  key: v.string(),
  version: v.string(),
  /** Whether the project has defined a stage of that name. */
  isStage: v.boolean(),
  /** Whether it is a version name, which never moves; else an alias. */
  isVersionName: v.boolean(),
  previous: nullable(v.string()),
  previousNumber: nullable(v.number()),
});
type AssignedRow = v.InferOutput<typeof assignedRow>;

/** An alias that moved to a version. */
export type MovedAlias = AssignedRow & { name: string; at: number };

const assignAll = statement({
  name: "assign-selectors",
  params: { selectors: v.array(selectorRow), actor: v.string() },
  row: assignedRow.entries,
});

function toSelectorRow(
  ports: Pick<Ports, "newId">,
  { name, fixed, row, at }: SelectorAssignment,
  position: number,
): SelectorRow {
  return {
    key: `${row.artifactKey}:${name}`,
    stageKey: stageKey(row.project, name),
    artifactKey: row.artifactKey,
    project: row.project,
    name,
    fixed,
    version: row.id,
    at,
    rank: orderingKey(at, position, ports.newId()),
  };
}

/** Selectors by key; `INVALID_INPUT` when one is assigned twice. */
function indexByKey(selectors: SelectorRow[]): Map<string, SelectorRow> {
  const groups = groupBy(selectors, ({ key }) => key);
  const duplicate = [...groups.values()].find((group) => group.length > 1)?.[0];
  if (duplicate) {
    const { name, artifactKey } = duplicate;
    throw invalid("aliases", `"${name}" is given to more than one version of ${artifactKey} in this call`);
  }
  return new Map(selectors.map((selector) => [selector.key, selector]));
}

/** A name of a stage names nothing else, so that a reference by it means one thing only. */
function assertNoStage({ name, project }: SelectorRow, isStage: boolean): void {
  if (!isStage && !defaultStageNames.some((stage) => stage === name)) return;
  const message = `"${name}" is a stage of project ${project}; choose another name, or move the version to the stage with promote`;
  throw new DomainError("ALREADY_EXISTS", message, { holder: `stage ${stageKey(project, name)}` });
}

/** A version name never moves, and no alias becomes one. */
function assertMovable(
  { name, artifactKey, fixed }: SelectorRow,
  { isVersionName, previous, previousNumber }: AssignedRow,
): void {
  if (!previous || !(isVersionName || fixed)) return;
  const holder = `${artifactKey}:${previousNumber}`;
  throw new DomainError("ALREADY_EXISTS", `"${name}" already names version ${holder}; choose another name`, { holder });
}

/**
 * Assigns version names and aliases to versions whose artifacts are locked; resolves with the aliases that moved. `ALREADY_EXISTS`, with the
 * holder, when a version name belongs to another version, or a name is in use as an alias or is that of a stage.
 */
export async function assignSelectors(
  context: RequestContext,
  tx: Transaction,
  assignments: SelectorAssignment[],
): Promise<MovedAlias[]> {
  if (!assignments.length) return [];
  const selectors = assignments.map((assignment, i) => toSelectorRow(context.ports, assignment, i));
  const byKey = indexByKey(selectors);
  lockSelectorNames(
    tx,
    selectors.map(({ key, stageKey: name }) => ({ key: name, selectorKey: key })),
  );
  return (await tx.run(assignAll, { selectors, actor: context.actor.name })).flatMap((row) => {
    const selector = byKey.get(row.key);
    if (!selector) return [];
    assertNoStage(selector, row.isStage);
    assertMovable(selector, row);
    const { name, at, fixed } = selector;
    return fixed || row.previous === row.version ? [] : [{ ...row, name, at }];
  });
}
