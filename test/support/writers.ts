import { setTimeout as pause } from "node:timers/promises";
import type { ServiceProcess } from "./process.ts";

/** What the services acknowledged. */
export interface Diary {
  project: string;
  /** The ids of the acknowledged versions. */
  versions: Set<string>;
}

export function newDiary(project: string): Diary {
  return { project, versions: new Set() };
}

/** Writers at work. */
export interface Writers {
  /** The number of acknowledged writes. */
  done(): number;
  /** Lets each writer finish its request. */
  end(): Promise<void>;
  /** Rejects when a writer got an unexpected response. */
  running: Promise<unknown>;
}

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const publishRun =
  "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { outputs { nodes { version { id } } } } } }";
type Answered = {
  logVersion?: { version: { id: string } };
  publishRun?: { run: { outputs: { nodes: { version: { id: string } }[] } } };
};

/** Artifacts that all writers share. */
const artifacts = 8;
/** Milliseconds before a writer without a response tries again. */
const retryDelayMs = 50;

/** Mostly versions, now and then a run with two outputs. */
function workOf(writer: number, turn: number) {
  const name = (i: number) => `m${i % artifacts}`;
  if (turn % 4 < 3) return { query: logVersion, input: { name: name(writer + turn) } };
  return { query: publishRun, input: { pipeline: "p", outputs: [{ name: name(turn) }, { name: name(writer) }] } };
}

function idsOf({ logVersion: logged, publishRun: published }: Answered): string[] {
  return logged ? [logged.version.id] : (published?.run.outputs.nodes.map(({ version }) => version.id) ?? []);
}

/** The response; null when the service is gone or can't reach the graph. */
async function ask(service: ServiceProcess, query: string, input: object): Promise<Answered | null> {
  try {
    const { data, errors } = await service.ask<Answered>(query, { input });
    if (!errors) return data;
    if (errors[0]?.extensions.code === "UNAVAILABLE") return null;
    throw new Error(`${JSON.stringify(errors)}\n${service.output()}`);
  } catch (error) {
    // The connection broke: fetch throws a TypeError, a truncated body a SyntaxError.
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Starts writers, spread over the replicas: without a response, a writer repeats the request with the same key at the next replica. */
export function startWriters(services: ServiceProcess[], diary: Diary, count: number): Writers {
  let [done, over] = [0, false];
  const insist = async (first: number, query: string, input: object): Promise<Answered> => {
    for (let at = first; ; at++) {
      const service = services[at % services.length];
      const answer = service ? await ask(service, query, input) : null;
      if (answer) return answer;
      await pause(retryDelayMs);
    }
  };
  const write = async (writer: number): Promise<void> => {
    for (let turn = 0; !over; turn++) {
      const { query, input } = workOf(writer, turn);
      const answer = await insist(writer, query, { project: diary.project, key: `${writer}/${turn}`, ...input });
      for (const id of idsOf(answer)) diary.versions.add(id);
      done += 1;
    }
  };
  const running = Promise.all(Array.from({ length: count }, (_, i) => write(i)));
  running.catch(() => undefined);
  return {
    done: () => done,
    end: async () => {
      over = true;
      await running;
    },
    running,
  };
}
