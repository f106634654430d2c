import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { StageHolder } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { withAsOf } from "../core/as-of.ts";
import type { Ports } from "../core/context.ts";
import { toVersion, versionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";

/** The stage whose holders are read: of the whole project, or of one artifact (by name); now, or as of a time in milliseconds. */
export interface StageHoldersQuery {
  project: string;
  stage: string;
  artifact: string | null;
  asOf: number | null;
}

const heldRow = v.object({ stage: v.string(), since: v.number(), version: versionRow });
type HeldRow = v.InferOutput<typeof heldRow>;

const findHolders = statement({
  name: "find-stage-holders",
  params: { places: v.array(v.string()), projects: v.array(v.string()), stages: v.array(v.string()) },
  row: heldRow.entries,
});
const findHoldersAsOf = statement({
  name: "find-stage-holders-as-of",
  params: {
    artifacts: v.array(v.string()),
    projects: v.array(v.string()),
    stages: v.array(v.string()),
    asOf: v.number(),
  },
  row: heldRow.entries,
});

/** Identifies a stage of an artifact. An exclusive one has at most one holder. */
export function slotKey(key: string, stage: string): string {
  return `${key}:${stage}`;
}

/** The holders of several stages of the same project, artifact and time. */
function findHeld(
  read: Transaction["run"],
  { project, artifact, asOf }: Omit<StageHoldersQuery, "stage">,
  stages: string[],
): Promise<HeldRow[]> {
  const projects = artifact === null ? [project] : [];
  const artifacts = artifact === null ? [] : [artifactKey(project, artifact)];
  if (asOf !== null) return read(findHoldersAsOf, { artifacts, projects, stages, asOf });
  const places = artifacts.flatMap((key) => stages.map((stage) => slotKey(key, stage)));
  return read(findHolders, { places, projects, stages });
}

/** By artifact, newest version first. */
function compareHolders({ version: a }: StageHolder, { version: b }: StageHolder): number {
  return compareText(a.artifactKey, b.artifactKey) || b.number - a.number;
}

/**
 * The versions in each of many stages, sorted by artifact and newest first. Stages of the same project, artifact and time are read in one
 * statement.
 */
export async function findStageHolders(
  ports: Pick<Ports, "graph">,
  queries: readonly StageHoldersQuery[],
): Promise<StageHolder[][]> {
  const groups = groupBy(queries, ({ project, artifact, asOf }) => JSON.stringify([project, artifact, asOf]));
  const found = new Map<StageHoldersQuery, StageHolder[]>();
  for (const group of groups.values()) {
    const [query] = group;
    if (!query) continue;
    const stages = group.map(({ stage }) => stage);
    const byStage = groupBy(await findHeld(ports.graph.read, query, stages), ({ stage }) => stage);
    for (const item of group) {
      const holders = (byStage.get(item.stage) ?? []).map(({ since, version }) => ({
        since,
        version: toVersion(withAsOf(version, item.asOf)),
      }));
      found.set(item, holders.sort(compareHolders));
    }
  }
  return queries.map((query) => found.get(query) ?? []);
}
