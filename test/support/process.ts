import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject, onTestFinished } from "vitest";
import { client } from "./service.ts";

const main = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** How a process ended, and everything it printed. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

/** The service as a separate process, on a port and a data folder that it keeps across restarts. */
export interface ServiceProcess extends ReturnType<typeof client> {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  /** The id of the running process. */
  pid(): number;
  /** Everything it printed since its last start. */
  output(): string;
  /** Starts it again; resolves when it listens. */
  start(): Promise<void>;
  /** Sends a signal; resolves when the process ended. */
  end(signal: NodeJS.Signals): Promise<Ending>;
}

interface Run {
  child: ChildProcess;
  ended: Promise<Ending>;
  output(): string;
}

// A shell becomes the process; a child of that shell reads a pipe from the test's process, and kills the service when the test is gone.
const leash = 'exec 3<&0; (read -r word <&3; kill -0 $$ && kill -KILL $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** The environment has only what Node needs; settings come from the test. */
function begin(args: string[], env: Record<string, string>): Run {
  const { PATH, HOME } = process.env;
  const child = spawn("sh", ["-c", leash, "leash", process.execPath, main, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  const ended = once(child, "close").then(([code, signal]): Ending => ({ code, signal, output }));
  return { child, ended, output: () => output };
}

/** Resolves with the address that the service prints once it listens. */
function whenUp({ child, ended, output }: Run): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", () => {
      const url = /is up at (http:\S+)\n/.exec(output())?.[1];
      if (url) resolve(url);
    });
    void ended.then(({ code, signal }) => reject(new Error(`the service ended with ${code ?? signal}:\n${output()}`)));
  });
}

/** Runs the command line to its end, on a fresh data folder unless `env` names one. */
export async function runMain(args: string[], env: Record<string, string> = {}): Promise<Ending> {
  const folder = await dataFolder();
  return begin(args, { PEDIGREE_DATA: folder, ...env }).ended;
}

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-process-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The settings of a service over the shared Neo4j. */
export function overNeo4j(): Record<string, string> {
  const { uri = "", user, password = "" } = inject("neo4j") ?? {};
  return { PEDIGREE_GRAPH: uri, ...(user && { NEO4J_USER: user, NEO4J_PASSWORD: password }) };
}

/** Starts the built service for one test and stops it with the test; `env` are its settings. Resolves when it listens. */
export async function startProcess(env: Record<string, string> = {}): Promise<ServiceProcess> {
  const folder = await dataFolder();
  const settings = { PEDIGREE_DATA: folder, LOG_LEVEL: "warn", ...env };
  let run = begin([], { ...settings, PORT: "0" });
  onTestFinished(async () => {
    run.child.kill("SIGKILL");
    await run.ended;
  });
  const url = await whenUp(run);
  const port = Number(new URL(url).port);
  return {
    ...client(url),
    url,
    port,
    folder,
    pid: () => run.child.pid ?? 0,
    output: () => run.output(),
    start: async () => {
      run = begin([], { ...settings, PORT: String(port) });
      await whenUp(run);
    },
    end: (signal) => {
      run.child.kill(signal);
      return run.ended;
    },
  };
}
