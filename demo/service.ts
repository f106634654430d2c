import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A service to record in. `end` ends one that was started here; `ended` settles when it is gone (never for one that ran before). */
export interface Found {
  url: string;
  started: boolean;
  end(): Promise<void>;
  ended: Promise<unknown>;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(2_000) });
    return response.ok && ((await response.json()) as { status?: string }).status === "live";
  } catch {
    return false;
  }
}

const root = new URL("../", import.meta.url);

function launch(env: NodeJS.ProcessEnv): ChildProcess {
  const built = existsSync(new URL("dist/main.js", root));
  const args = built ? ["dist/main.js"] : ["--import", "tsx", "src/main.ts"];
  return spawn(process.execPath, args, {
    cwd: fileURLToPath(root),
    env: { ...env, LOG_LEVEL: env.LOG_LEVEL || "warn" },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("the service has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /Pedigree is up at (\S+)/.exec(line)?.[1];
    if (url) return url;
    console.log(line);
  }
  throw new Error("the service didn't start");
}

async function startOwn(env: NodeJS.ProcessEnv): Promise<Found> {
  const child = launch(env);
  const ended = once(child, "exit");
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    const url = await addressOf(child);
    child.stdout?.pipe(process.stdout);
    return { url, started: true, end, ended };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * The service at PEDIGREE_URL, or the one on this machine's usual port, or else one started here with the settings of `npm start`.
 * Throws when nothing answers at PEDIGREE_URL, and when none can be started.
 */
export async function findService(env: NodeJS.ProcessEnv): Promise<Found> {
  const url = (env.PEDIGREE_URL || `http://127.0.0.1:${env.PORT || 4000}`).replace(/\/+$/, "");
  if (await answers(url)) return { url, started: false, end: async () => {}, ended: new Promise(() => {}) };
  if (env.PEDIGREE_URL) throw new Error(`nothing answers at PEDIGREE_URL ${url}`);
  return startOwn(env);
}
