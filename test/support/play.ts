import { apply } from "../oracle/apply.ts";
import type { Request } from "../oracle/requests.ts";
import type { Outcome, PlainExecution, PlainVersion, World } from "../oracle/state.ts";
import type { SeededIds } from "./ids.ts";
import type { Stage } from "./pieces.ts";
import { type Intent, toRequest } from "./requests.ts";
import type { TestService } from "./service.ts";

/** A service whose clock and ids the history controls. */
export interface Player {
  service: TestService;
  ids: SeededIds;
  clock: { now: number };
}

const version = "version { id uri artifact { id } producers(first: 500) { nodes { execution { id } } } }";
const changed = "version { id }";
const artifact = "artifact { id }";
const execution = "execution { __typename id }";
const made = "id outputs(first: 500) { nodes { version { id artifact { id } } } }";
const payloads: Record<Request["verb"], [type: string, fields: string]> = {
  createProject: ["CreateProjectInput", "project { id name }"],
  logVersion: ["LogVersionInput", `created ${version}`],
  publishRun: ["PublishRunInput", `created run { ${made} steps(first: 500) { nodes { ${made} } } }`],
  startRun: ["StartRunInput", "created run { id }"],
  startStep: ["StartStepInput", "created step { id }"],
  updateExecution: ["UpdateExecutionInput", execution],
  endExecution: ["EndExecutionInput", execution],
  recordLineage: ["RecordLineageInput", execution],
  updateVersion: ["UpdateVersionInput", changed],
  updateArtifact: ["UpdateArtifactInput", artifact],
  updateProject: ["UpdateProjectInput", "project { id name }"],
  setAlias: ["SetAliasInput", changed],
  removeAlias: ["RemoveAliasInput", artifact],
  deleteVersion: ["DeleteVersionInput", "version { id state }"],
  deleteArtifact: ["DeleteArtifactInput", artifact],
  prune: ["PruneInput", "count bytes versions { id }"],
};

type Thing = { id: string };
type Made = Thing & { outputs: { nodes: { version: Thing & { artifact: Thing } }[] } };
interface Payload {
  created?: boolean;
  version?: Thing & { uri: string; artifact: Thing; producers: { nodes: { execution: Thing }[] } };
  artifact?: Thing;
  versions?: Thing[];
  count?: number;
  bytes?: number;
  run?: Made & { steps?: { nodes: Made[] } };
  step?: Thing;
  execution?: Thing;
}
/** The result of a call, without error messages. */
export interface Given {
  verb: Request["verb"];
  code: string | null;
  created: boolean | undefined;
  payload: Payload;
}

async function send(service: TestService, { verb, input }: Request): Promise<Given> {
  const [type, fields] = payloads[verb];
  const answer = await service.ask<Record<string, Payload> | null>(
    `mutation ($input: ${type}!) { ${verb}(input: $input) { ${fields} } }`,
    { input },
  );
  const payload = answer.data?.[verb] ?? {};
  return { verb, code: answer.errors?.[0]?.extensions.code ?? null, created: payload.created, payload };
}

function name(thing: { id: string } | undefined, id: string | undefined): void {
  if (!thing || !id) return;
  if (thing.id && thing.id !== id) throw new Error(`${thing.id} was answered as ${id}`);
  thing.id = id;
}

function nameVersion(
  known: PlainVersion | undefined,
  given: Payload["version"] | Made["outputs"]["nodes"][number]["version"],
) {
  name(known, given?.id);
  name(known?.artifact, given?.artifact.id);
}

function comparePruned({ versions, bytes }: { versions: PlainVersion[]; bytes: number }, payload: Payload): void {
  const text = (ids: string[], count?: number, size?: number) => JSON.stringify([ids.sort(), count, size]);
  const given = text(
    (payload.versions ?? []).map(({ id }) => id),
    payload.count,
    payload.bytes,
  );
  const expected = text(
    versions.map(({ id }) => id),
    versions.length,
    bytes,
  );
  if (given !== expected) throw new Error(`pruned ${given}, not ${expected}`);
}

/** Gives the model the ids that the service created, and fails when they don't match. */
function learn(world: World, outcome: Extract<Outcome, { codes: null }>, verb: Request["verb"], payload: Payload) {
  if (verb === "logVersion") {
    nameVersion(outcome.version, payload.version);
    // The run that was recorded because of inputs without a producer is the only unknown one.
    const known = new Set(world.executions.map(({ id }) => id));
    const makers = (payload.version?.producers.nodes ?? []).map(({ execution }) => execution.id);
    if (outcome.execution && !outcome.execution.id)
      name(
        outcome.execution,
        makers.find((id) => !known.has(id)),
      );
    return;
  }
  if (outcome.pruned) return comparePruned(outcome.pruned, payload);
  name(outcome.version, payload.version?.id);
  name(outcome.artifact, payload.artifact?.id);
  name(outcome.execution, (payload.run ?? payload.step ?? payload.execution)?.id);
  // The outputs of an existing run may have grown since, and may come in another order.
  if (!outcome.created) return;
  const answered = [payload.run, ...(payload.run?.steps?.nodes ?? [])];
  [...(outcome.made ?? new Map<PlainExecution, PlainVersion[]>())].forEach(([maker, versions], i) => {
    name(maker, answered[i]?.id);
    versions.forEach((item, k) => {
      nameVersion(item, answered[i]?.outputs.nodes[k]?.version);
    });
  });
}

function describeRequest({ verb, input }: Request): string {
  return `${verb} ${JSON.stringify(input)}`;
}

function compare(world: World, expected: Outcome, given: Given, verb: Request["verb"]): void {
  if (expected.codes) {
    const wanted = [...expected.codes].join(" or ");
    if (!given.code || !expected.codes.has(given.code)) throw new Error(`${given.code ?? "accepted"}, not ${wanted}`);
    return;
  }
  if (given.code) throw new Error(`refused with ${given.code}`);
  if (given.created !== undefined && given.created !== expected.created) throw new Error(`created is ${given.created}`);
  learn(world, expected, verb, given.payload);
}

/** Plays a history against a service and the model at once and compares each result. `onCall` gets each call before it is made. */
export async function play(
  { service, ids, clock }: Player,
  world: World,
  stage: Stage,
  intents: (Intent | null)[],
  onCall: (call: string) => void,
): Promise<Given[]> {
  const requests: Request[] = [];
  const answers: Given[] = [];
  for (const [i, intent] of intents.entries()) {
    if (!intent) continue;
    clock.now += intent.tick;
    world.now = clock.now;
    const request = toRequest(world, stage, intent, requests);
    requests.push(request);
    onCall(`${i} at ${clock.now}: ${describeRequest(request)}`);
    ids.begin(i + 1);
    const given = await send(service, request);
    answers.push(given);
    compare(world, apply(world, request), given, request.verb);
  }
  return answers;
}
