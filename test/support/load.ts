import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { client } from "./service.ts";

type Client = ReturnType<typeof client> & { url: string };

const logVersion =
  "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created version { id number } } }";
const publishRun = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { created run { id } } }";
const state = `query ($project: String!, $versions: String, $runs: String) {
  versions(filter: { project: { eq: $project } }, first: 500, after: $versions) {
    pageInfo { endCursor hasNextPage }
    nodes { id number artifact { name } files { path digest } producers { nodes { execution { id } } } }
  }
  runs(filter: { project: { eq: $project } }, first: 100, after: $runs) {
    pageInfo { endCursor hasNextPage }
    nodes { id key
      steps { nodes { name inputs { nodes { version { id } } } outputs { nodes { version { id artifact { name } } } } } }
    }
  }
}`;

interface Version {
  id: string;
  number: number;
  artifact: { name: string };
  files: { path: string; digest: string }[];
  producers: { nodes: { execution: { id: string } }[] };
}
interface Slots {
  nodes: { version: { id: string; artifact: { name: string } } }[];
}
interface Run {
  id: string;
  key: string;
  steps: { nodes: { name: string; inputs: Slots; outputs: Slots }[] };
}
interface Page<T> {
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
  nodes: T[];
}
interface State {
  versions: Page<Version>;
  runs: Page<Run>;
}

/** All versions and runs of a project. */
export async function stateOf(service: Client, project: string) {
  const versions = new Map<string, Version>();
  const runs = new Map<string, Run>();
  let more = true;
  for (const after: { versions?: string | null; runs?: string | null } = {}; more; ) {
    const page = await service.data<State>(state, { project, ...after });
    for (const version of page.versions.nodes) versions.set(version.id, version);
    for (const run of page.runs.nodes) runs.set(run.id, run);
    more = page.versions.pageInfo.hasNextPage || page.runs.pageInfo.hasNextPage;
    after.versions = page.versions.pageInfo.endCursor ?? after.versions ?? null;
    after.runs = page.runs.pageInfo.endCursor ?? after.runs ?? null;
  }
  return { versions, runs };
}

/** What the service acknowledged, and the requests by key. */
export interface Ledger {
  project: string;
  versions: Map<string, { number: number; name: string; digest?: string }>;
  runs: Set<string>;
  blobs: Map<string, string>;
  /** By key: the call, and the id in its response, if there was one. */
  keyed: Map<string, { query: string; input: object; id: string | null }>;
  acknowledged: number;
}

export function newLedger(project: string): Ledger {
  return {
    project,
    versions: new Map(),
    runs: new Set(),
    blobs: new Map(),
    keyed: new Map(),
    acknowledged: 0,
  };
}

type Payload = { logVersion?: { version: { id: string; number: number } }; publishRun?: { run: { id: string } } };

/** Sends a request with a key and notes the response, which must equal earlier ones for the key. */
async function ask(service: Client, ledger: Ledger, key: string): Promise<void> {
  const call = ledger.keyed.get(key);
  if (!call) throw new Error(`no call has the key ${key}`);
  const { logVersion, publishRun } = await service.data<Payload>(call.query, { input: { ...call.input, key } });
  const id = logVersion?.version.id ?? publishRun?.run.id ?? "";
  expect(id).toBe(call.id ?? id);
  call.id = id;
  if (publishRun) ledger.runs.add(id);
  if (logVersion) {
    const { name, files } = call.input as { name: string; files?: { digest: string }[] };
    const [file] = files ?? [];
    ledger.versions.set(id, { number: logVersion.version.number, name, ...(file && { digest: file.digest }) });
  }
}

function begin(service: Client, ledger: Ledger, key: string, query: string, input: object): Promise<void> {
  ledger.keyed.set(key, { query, input: { project: ledger.project, ...input }, id: null });
  return ask(service, ledger, key);
}

async function withFile(service: Client, ledger: Ledger, key: string): Promise<void> {
  const bytes = `bytes of ${key} `.repeat(2_000);
  const digest = await service.put(ledger.project, bytes);
  ledger.blobs.set(digest, bytes);
  await begin(service, ledger, key, logVersion, { name: "files", files: [{ path: "a.txt", digest }] });
}

function wholeRun(service: Client, ledger: Ledger, key: string): Promise<void> {
  return begin(service, ledger, key, publishRun, {
    pipeline: "p",
    steps: [
      { name: "load", outputs: [{ name: "table" }] },
      { name: "train", inputs: [{ step: "load" }], outputs: [{ name: "model" }, { name: "report" }] },
    ],
  });
}

/** One writer: turns of every kind until a call fails because the service is gone. Other failures fail the test. */
export async function write(service: Client, ledger: Ledger, name: string, onDone: () => void): Promise<void> {
  const kinds = [
    withFile,
    wholeRun,
    (at: Client, to: Ledger, key: string) => begin(at, to, key, logVersion, { name: "plain", metadata: { key } }),
  ];
  try {
    for (let turn = 0; ; turn++) {
      await kinds[(turn + name.length) % kinds.length]?.(service, ledger, `${name}/${turn}`);
      ledger.acknowledged += 1;
      onDone();
    }
  } catch (error) {
    // The connection broke: fetch throws a TypeError, a truncated body a SyntaxError.
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
  }
}

/** Repeats the requests without a response. */
export async function settle(service: Client, ledger: Ledger): Promise<void> {
  const open = [...ledger.keyed].filter(([, call]) => call.id === null);
  await Promise.all(open.map(([key]) => ask(service, ledger, key)));
}

/** Repeats the last requests: the same keys must give the same results. */
export async function repeat(service: Client, ledger: Ledger, count: number): Promise<void> {
  for (const key of [...ledger.keyed.keys()].slice(-count)) await ask(service, ledger, key);
}

/** Expects every acknowledged write to be complete, and nothing to be half done. Returns the number of versions. */
export async function checkLedger(service: Client, ledger: Ledger): Promise<number> {
  const { versions, runs } = await stateOf(service, ledger.project);
  for (const [id, { number, name, digest }] of ledger.versions) {
    expect(versions.get(id)).toMatchObject({ number, artifact: { name }, ...(digest && { files: [{ digest }] }) });
  }
  const numbers = new Map<string, number[]>();
  for (const { artifact, number } of versions.values()) {
    numbers.set(artifact.name, [...(numbers.get(artifact.name) ?? []), number]);
  }
  for (const list of numbers.values()) {
    expect(list.sort((a, b) => a - b)).toEqual(list.map((_, i) => i + 1));
  }
  for (const id of ledger.runs) expect(runs.has(id)).toBe(true);
  expect(new Set([...runs.values()].map((run) => run.key)).size).toBe(runs.size);
  for (const run of runs.values()) checkRun(run);
  const made = [...runs.values()].flatMap((run) => run.steps.nodes.flatMap((step) => idsOf(step.outputs)));
  const plain = [...versions.values()].filter((version) => version.producers.nodes.length === 0);
  expect(made.length + plain.length).toBe(versions.size);
  return versions.size;
}

function idsOf(slots: Slots): string[] {
  return slots.nodes.map(({ version }) => version.id);
}

function checkRun({ steps }: Run): void {
  const [load, train] = ["load", "train"].map((name) => steps.nodes.find((step) => step.name === name));
  if (!load || !train) throw new Error("a run without its steps");
  expect(load.outputs.nodes.map(({ version }) => version.artifact.name)).toEqual(["table"]);
  expect(idsOf(train.inputs)).toEqual(idsOf(load.outputs));
  expect(train.outputs.nodes.map(({ version }) => version.artifact.name).sort()).toEqual(["model", "report"]);
}

/** Expects the bytes of these contents to be stored and correct. */
export async function checkBytes(service: Client, project: string, digests: Iterable<string>): Promise<void> {
  for (const digest of digests) {
    const answer = await fetch(`${service.url}/blobs/${digest}?project=${project}`);
    expect(answer.status).toBe(200);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(digest);
  }
}
