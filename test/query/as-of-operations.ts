import fc from "fast-check";
import type { TestService } from "../support/service.ts";

/** One call of a history: a verb, and numbers that pick among the existing items at that time. */
export interface Operation {
  verb: Verb;
  picks: number[];
}

/** What a history has created so far, and the words that it uses. */
export interface Made {
  projects: string[];
  versions: string[];
  runs: string[];
  steps: string[];
}

export const words = {
  names: ["raw", "größe/model"],
  aliases: ["champion", "challenger"],
  tags: ["rot", "blau"],
  versionNames: ["v-eins", "v-zwei"],
  stages: ["staging", "production", "archived"],
};

function pick<T>(list: T[], at: number | undefined): T | undefined {
  return list[(at ?? 0) % Math.max(list.length, 1)];
}
function some<T>(list: T[], at: number | undefined): T[] {
  return list.filter((_item, i) => ((at ?? 0) >> i) & 1);
}

interface Call {
  input: object;
  type: string;
  fields: string;
}
type Maker = (made: Made, n: number[]) => Call | null;

const outputs = "outputs(first: 20) { nodes { version { id } } }";
function inputsOf(made: Made, n: number[]) {
  return some(made.versions, n[5]).slice(0, 2);
}
function described(made: Made, n: number[]) {
  return {
    project: pick(made.projects, n[0]) ?? "",
    name: pick(words.names, n[1]) ?? "",
    tags: some(words.tags, n[2]),
    aliases: (n[3] ?? 0) % 3 ? [] : some(words.aliases, (n[4] ?? 0) % 3),
    metadata: { n: (n[4] ?? 0) % 3 },
    ...((n[4] ?? 0) % 7 === 0 && { versionName: pick(words.versionNames, n[6]) }),
  };
}

const makers = {
  log: (made, n) => {
    const producer = (n[7] ?? 0) % 3 === 0 && made.runs.length ? { producer: { run: pick(made.runs, n[8]) } } : {};
    const inputs = (n[9] ?? 0) % 2 ? { inputs: inputsOf(made, n) } : {};
    const links = made.versions.length ? [{ rel: "chart", version: pick(made.versions, n[10]) }] : [];
    const ifChanged = (n[11] ?? 0) % 3 === 0;
    const input = { ...described(made, n), ...producer, ...inputs, links, ifChanged };
    return {
      input,
      type: "LogVersionInput",
      fields: "version { id producers { nodes { execution { __typename id } } } }",
    };
  },
  publish: (made, n) => {
    const [first, second] = [described(made, n), described(made, [...n.slice(2), 1, 2, 3])];
    const steps = [
      {
        name: "s",
        tags: some(words.tags, n[7]),
        inputs: inputsOf(made, n).map((version) => ({ slot: "in", version })),
        outputs: [{ ...first, aliases: [] }, second],
      },
      {
        name: "t",
        inputs: [{ step: "s", output: second.name }].slice((n[8] ?? 0) % 2 || first.name === second.name ? 1 : 0),
        outputs: [],
      },
    ];
    const parent = (n[9] ?? 0) % 3 === 0 && made.runs.length ? { parent: pick(made.runs, n[10]) } : {};
    const input = { project: first.project, tags: some(words.tags, n[11]), steps, ...parent };
    return { input, type: "PublishRunInput", fields: `run { id ${outputs} steps { nodes { id ${outputs} } } }` };
  },
  startRun: (made, n) => ({
    input: { project: pick(made.projects, n[0]), tags: some(words.tags, n[1]) },
    type: "StartRunInput",
    fields: "run { id }",
  }),
  startStep: (made, n) =>
    made.runs.length
      ? {
          input: { run: pick(made.runs, n[0]), name: "later", tags: some(words.tags, n[1]) },
          type: "StartStepInput",
          fields: "step { id }",
        }
      : null,
  record: (made, n) => {
    const execution = pick([...made.runs, ...made.steps], n[0]);
    if (!execution || !made.versions.length) return null;
    const slots = (at: number | undefined) =>
      some(made.versions, at)
        .slice(0, 2)
        .map((version) => ({ slot: "x", version }));
    return {
      input: { execution, inputs: slots(n[1]), outputs: slots(n[2]) },
      type: "RecordLineageInput",
      fields: "execution { id }",
    };
  },
  setAlias: (made, n) =>
    made.versions.length
      ? {
          input: { ref: pick(made.versions, n[0]), alias: pick(words.aliases, n[1]) },
          type: "SetAliasInput",
          fields: "version { id }",
        }
      : null,
  removeAlias: (made, n) => ({
    input: { project: pick(made.projects, n[0]), name: pick(words.names, n[1]), alias: pick(words.aliases, n[2]) },
    type: "RemoveAliasInput",
    fields: "artifact { id }",
  }),
  tagVersion: (made, n) =>
    made.versions.length
      ? {
          input: {
            ref: pick(made.versions, n[0]),
            tags: { add: some(words.tags, n[1]), remove: some(words.tags, n[2]) },
            ...((n[3] ?? 0) % 4 === 0 && { versionName: pick(words.versionNames, n[4]) }),
          },
          type: "UpdateVersionInput",
          fields: "version { id }",
        }
      : null,
  tagArtifact: (made, n) => ({
    input: {
      project: pick(made.projects, n[0]),
      name: pick(words.names, n[1]),
      tags: { add: some(words.tags, n[2]), remove: some(words.tags, n[3]) },
    },
    type: "UpdateArtifactInput",
    fields: "artifact { id }",
  }),
  tagExecution: (made, n) => {
    const id = pick([...made.runs, ...made.steps], n[0]);
    const tags = { add: some(words.tags, n[1]), remove: some(words.tags, n[2]) };
    return id ? { input: { id, tags }, type: "UpdateExecutionInput", fields: "execution { id }" } : null;
  },
  remove: (made, n) =>
    made.versions.length
      ? {
          input: { ref: pick(made.versions, n[0]), force: true, bytesOnly: (n[1] ?? 0) % 3 === 0 },
          type: "DeleteVersionInput",
          fields: "version { id }",
        }
      : null,
  removeArtifact: (made, n) => ({
    input: { project: pick(made.projects, n[0]), name: pick(words.names, n[1]), force: true },
    type: "DeleteArtifactInput",
    fields: "artifact { id }",
  }),
  promote: (made, n) =>
    made.versions.length
      ? {
          input: { version: pick(made.versions, n[0]), stage: pick(words.stages, n[1]) },
          type: "PromoteInput",
          fields: "promotion { id }",
        }
      : null,
  demote: (made, n) => ({
    input: {
      version: `${pick(made.projects, n[0])}/${encodeURI(pick(words.names, n[1]) ?? "")}:${pick(words.stages, n[2])}`,
      stage: pick(words.stages, n[2]),
    },
    type: "DemoteInput",
    fields: "promotion { id }",
  }),
  rollback: (made, n) => ({
    input: {
      project: pick(made.projects, n[0]),
      name: pick(words.names, n[1]),
      stage: (n[2] ?? 0) % 3 ? "production" : "staging",
    },
    type: "RollbackInput",
    fields: "promotion { id }",
  }),
} satisfies Record<string, Maker>;
type Verb = keyof typeof makers;

const mutations: Record<Verb, string> = {
  log: "logVersion",
  publish: "publishRun",
  startRun: "startRun",
  startStep: "startStep",
  record: "recordLineage",
  setAlias: "setAlias",
  removeAlias: "removeAlias",
  tagVersion: "updateVersion",
  tagArtifact: "updateArtifact",
  tagExecution: "updateExecution",
  remove: "deleteVersion",
  removeArtifact: "deleteArtifact",
  promote: "promote",
  demote: "demote",
  rollback: "rollback",
};
const weights: Record<Verb, number> = {
  log: 8,
  publish: 5,
  startRun: 2,
  startStep: 2,
  record: 4,
  setAlias: 5,
  removeAlias: 2,
  tagVersion: 4,
  tagArtifact: 2,
  tagExecution: 3,
  remove: 4,
  removeArtifact: 1,
  promote: 7,
  demote: 3,
  rollback: 3,
};

/** A history. It begins by creating something, so that later calls have items to work on. */
export const history: fc.Arbitrary<Operation[]> = fc
  .array(
    fc.record({
      verb: fc.oneof(
        ...Object.entries(weights).map(([verb, weight]) => ({ arbitrary: fc.constant(verb as Verb), weight })),
      ),
      picks: fc.array(fc.nat(999), { minLength: 12, maxLength: 12 }),
    }),
    { minLength: 18, maxLength: 26, size: "max" },
  )
  .map((operations) => [{ verb: "publish", picks: Array(12).fill(7) }, ...operations]);

type Thing = { id: string };
type Outputs = { outputs: { nodes: { version: Thing }[] } };
interface Payload {
  version?: Thing & { producers?: { nodes: { execution: Thing & { __typename: string } }[] } };
  run?: Thing & Partial<Outputs & { steps: { nodes: (Thing & Outputs)[] } }>;
  step?: Thing;
}

function remember(list: string[], ids: (string | undefined)[]): void {
  for (const id of ids) if (id && !list.includes(id)) list.push(id);
}

function learn(made: Made, { version, run, step }: Payload): void {
  const steps = run?.steps?.nodes ?? [];
  const makers = version?.producers?.nodes.map((node) => node.execution) ?? [];
  remember(made.versions, [
    version?.id,
    ...[run, ...steps].flatMap((item) => item?.outputs?.nodes.map((node) => node.version.id)),
  ]);
  remember(made.runs, [run?.id, ...makers.filter((maker) => maker.__typename === "Run").map((maker) => maker.id)]);
  remember(made.steps, [step?.id, ...steps.map((item) => item.id)]);
}

/** Makes one call; returns the code of its refusal, null for success, or undefined when there was nothing to call. */
export async function perform(
  service: TestService,
  made: Made,
  { verb, picks }: Operation,
): Promise<string | null | undefined> {
  const call = makers[verb](made, picks);
  if (!call) return undefined;
  const name = mutations[verb];
  const text = `mutation ($input: ${call.type}!) { ${name}(input: $input) { ${call.fields} } }`;
  const answer = await service.ask<Record<string, Payload> | null>(text, { input: call.input });
  learn(made, answer.data?.[name] ?? {});
  return answer.errors?.[0]?.extensions.code ?? null;
}
