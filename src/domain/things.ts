import type { Artifact } from "../model/artifact.ts";
import { Run, Step } from "../model/execution.ts";
import type { Project } from "../model/project.ts";
import { Upload } from "../model/upload.ts";
import { Version } from "../model/version.ts";
import { statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";
import { notFound } from "./errors.ts";
import {
  type ArtifactRow,
  type ExecutionRow,
  type ProjectRow,
  toArtifact,
  toExecution,
  toProject,
  toUpload,
  toVersion,
  type UploadRow,
  type VersionRow,
} from "./rows.ts";

/** Whatever has an id of its own. */
export type Thing = Project | Artifact | Version | Run | Step | Upload;

type Properties = VersionRow | ExecutionRow | ArtifactRow | ProjectRow | UploadRow;
const findThings = statement<{ ids: string[] }, { labels: string[]; properties: Properties }>("find-things");

const toThing = (labels: string[], properties: Properties): Thing => {
  if (labels.includes("Version")) return toVersion(properties as VersionRow);
  if (labels.includes("Upload")) return toUpload(properties as UploadRow);
  if (labels.includes("Execution")) return toExecution(properties as ExecutionRow);
  return labels.includes("Artifact") ? toArtifact(properties as ArtifactRow) : toProject(properties as ProjectRow);
};

/** The things by id, in one statement; ids of nothing are left out. */
export const loadThings = async (deps: Deps, ids: readonly string[]): Promise<Map<string, Thing>> => {
  const rows = await deps.graph.read(findThings, { ids: [...new Set(ids)] });
  return new Map(rows.map(({ labels, properties }) => [properties.id, toThing(labels, properties)]));
};

const load = async <T extends Thing>(
  deps: Deps,
  id: string,
  is: (thing: Thing) => thing is T,
  what: string,
): Promise<T> => {
  const thing = (await loadThings(deps, [id])).get(id);
  if (!thing || !is(thing)) throw notFound(`${what} ${id}`);
  return thing;
};

/** The version of an id; `NOT_FOUND` when there is none. */
export const loadVersion = (deps: Deps, id: string): Promise<Version> =>
  load(deps, id, (thing) => thing instanceof Version, "version");

/** The upload of an id; `NOT_FOUND` when there is none. */
export const loadUpload = (deps: Deps, id: string): Promise<Upload> =>
  load(deps, id, (thing) => thing instanceof Upload, "upload");

/** The run of an id; `NOT_FOUND` when there is none. */
export const loadRun = (deps: Deps, id: string): Promise<Run> => load(deps, id, (thing) => thing instanceof Run, "run");

/** The step of an id; `NOT_FOUND` when there is none. */
export const loadStep = (deps: Deps, id: string): Promise<Step> =>
  load(deps, id, (thing) => thing instanceof Step, "step");

/** The run or step of an id; `NOT_FOUND` when there is none. */
export const loadExecution = (deps: Deps, id: string): Promise<Run | Step> =>
  load(deps, id, (thing) => thing instanceof Run || thing instanceof Step, "execution");
