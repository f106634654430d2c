import { groupBy } from "../../lib/group-by.ts";
import type { StageHolder } from "../../model/stage.ts";
import { statement } from "../../ports/statement.ts";
import { withAsOf } from "../core/as-of.ts";
import type { Ports } from "../core/context.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";

/** Whose holders are asked for: a stage of a project, of one artifact alone where it is named, now or as of a time. */
export interface HoldersQuery {
  project: string;
  stage: string;
  artifact: string | null;
  asOf: number | null;
}

type Held = { stage: string; since: number; version: VersionRow };
const holdersNow = statement<{ places: string[]; projects: string[]; stages: string[] }, Held>("find-stage-holders");
const holdersThen = statement<{ artifacts: string[]; projects: string[]; stages: string[]; asOf: number }, Held>(
  "find-stage-holders-as-of",
);

/** Where a version stands in a stage of its artifact. */
export function slotKey(key: string, stage: string): string {
  return `${key}:${stage}`;
}

function readHolders(ports: Pick<Ports, "graph">, asked: HoldersQuery[]): Promise<Held[]> {
  const [{ project, artifact, asOf } = { project: "", artifact: null, asOf: null }] = asked;
  const stages = asked.map(({ stage }) => stage);
  const projects = artifact === null ? [project] : [];
  const artifacts = artifact === null ? [] : [artifactKey(project, artifact)];
  if (asOf !== null) return ports.graph.read(holdersThen, { artifacts, projects, stages, asOf });
  const places = artifacts.flatMap((key) => stages.map((stage) => slotKey(key, stage)));
  return ports.graph.read(holdersNow, { places, projects, stages });
}

function byArtifact(a: StageHolder, b: StageHolder): number {
  const [one, other] = [a.version.artifactKey, b.version.artifactKey];
  return one === other ? b.version.number - a.version.number : one < other ? -1 : 1;
}

/** The versions in each of many stages, by artifact, newest first: in one statement where they are of the same project, artifact and time. */
export async function findStageHolders(
  ports: Pick<Ports, "graph">,
  asked: readonly HoldersQuery[],
): Promise<StageHolder[][]> {
  const alike = groupBy(asked, ({ project, artifact, asOf }) => JSON.stringify([project, artifact, asOf]));
  const found = new Map<HoldersQuery, StageHolder[]>();
  for (const group of alike.values()) {
    const held = groupBy(await readHolders(ports, group), ({ stage }) => stage);
    for (const one of group) {
      const holders = (held.get(one.stage) ?? []).map(({ since, version }) => ({
        since,
        version: toVersion(withAsOf(version, one.asOf)),
      }));
      found.set(one, holders.sort(byArtifact));
    }
  }
  return asked.map((one) => found.get(one) ?? []);
}
