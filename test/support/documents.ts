/** A version with all its fields. */
const versionFields = `fragment VersionFields on Version {
  id uri number versionName kind state description metadata entries { key type value } tags labels { key value } aliases isLatest
  size digest location files { path digest size contentType url previewUrl } archiveUrl attributes
  dataset { columns { name type } rows stats labelColumn features preview }
  model { framework algorithm metrics parameters inputs { name type } outputs { name type } flavors requirements featureStats }
  links { rel version { id } } author createdAt updatedAt iteration artifact { id name kind project { name } }
  producers { nodes { slot role execution { id name __typename } } totalCount }
  consumers { nodes { slot role execution { id name __typename } } totalCount }
}`;

const executionFields = `id name status parameters metadata metrics tags startedAt endedAt error environment
  code { repository commit entryPoint }
  inputs { nodes { name role version { id uri number } } totalCount } outputs { nodes { name role version { id uri number } } totalCount }`;

/** A run with its steps, its parent and its children. */
const runFields = `fragment RunFields on Run {
  ${executionFields} project { name } author createdAt pipeline key iteration parent { id } children { nodes { id name } totalCount }
  steps { nodes { ${executionFields} run { id } cachedFrom { id } } totalCount }
}`;

/** Logs a version and selects few fields. */
export const logVersion = `mutation ($input: LogVersionInput!) {
  logVersion(input: $input) { created version { id uri number kind createdAt updatedAt } }
}`;
export const publishRun = `mutation ($input: PublishRunInput!) { publishRun(input: $input) { created run { ...RunFields } } } ${runFields}`;
export const startRun = `mutation ($input: StartRunInput!) { startRun(input: $input) { created run { ...RunFields } } } ${runFields}`;
export const startStep = `mutation ($input: StartStepInput!) {
  startStep(input: $input) { created step { ${executionFields} run { id } cachedFrom { id } } }
}`;
const execution = `execution { __typename ${executionFields} }`;
export const updateExecution = `mutation ($input: UpdateExecutionInput!) { updateExecution(input: $input) { ${execution} } }`;
export const logMetrics = `mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { ${execution} } }`;
export const endExecution = `mutation ($input: EndExecutionInput!) { endExecution(input: $input) { ${execution} } }`;
export const recordLineage = `mutation ($input: RecordLineageInput!) { recordLineage(input: $input) { ${execution} } }`;
export const createProject = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { project { id name description createdAt } }
}`;
export const version = `query ($ref: VersionRef!) { version(ref: $ref) { ...VersionFields } } ${versionFields}`;
export const run = `query ($id: ID!) { run(id: $id) { ...RunFields } } ${runFields}`;

/** The versions, runs and artifacts of a project, to see that a refused call left nothing behind. */
export const inventory = `query ($project: String!) {
  project(name: $project) { id createdAt }
  versions(filter: { project: { eq: $project } }, first: 500) { totalCount nodes { id tags aliases updatedAt consumers { totalCount } } }
  artifacts(filter: { project: { eq: $project } }, first: 500) { totalCount nodes { id kind updatedAt } }
  runs(filter: { project: { eq: $project } }, first: 500) {
    totalCount nodes { id status tags metadata parameters steps { totalCount } children { totalCount } inputs { totalCount } outputs { totalCount } }
  }
}`;

/** The type of `VersionFields`. */
export interface VersionAnswer {
  id: string;
  uri: string;
  number: number;
  kind: string;
  createdAt: string;
  updatedAt: string;
  files: { url: string }[];
  producers: { totalCount: number; nodes: { execution: { id: string } }[] };
  consumers: { totalCount: number };
  [field: string]: unknown;
}
export interface SlotAnswer {
  name: string | null;
  role: string | null;
  version: { id: string; uri: string; number: number };
}
interface Page<T> {
  nodes: T[];
  totalCount: number;
}
/** The fields that runs and steps have in common. */
export interface ExecutionAnswer {
  id: string;
  name: string;
  status: string;
  startedAt: string | null;
  endedAt: string | null;
  inputs: Page<SlotAnswer>;
  outputs: Page<SlotAnswer>;
  [field: string]: unknown;
}
/** The type of `RunFields`. */
export interface RunAnswer extends ExecutionAnswer {
  steps: Page<ExecutionAnswer & { run: { id: string }; cachedFrom: { id: string } | null }>;
  children: Page<{ id: string; name: string }>;
}
